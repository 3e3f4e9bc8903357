// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE mutations
#include "test/unit/http/support/http_fixture.hpp"
// The framework's header comes first.
#include "events/base/utf8.hpp"
#include "http/wire/query.hpp"
#include "http/wire/request_reader.hpp"
#include "http/wire/text.hpp"

#include <algorithm>
#include <random>

using namespace sandbase;
using namespace sandbase::test;
using namespace std::string_view_literals;

namespace {

constexpr int rounds = 20'000;

/// Changes a few bytes of `text`, preferring those that mean something to HTTP.
std::string mutate(std::string text, std::mt19937& rng) {
  constexpr auto special = "\r\n\0 :;,%&=+/?#[]\t0Ff5\x7f\x80\xff"sv;
  for (auto changes = 1 + rng() % 4; changes > 0; --changes) {
    const auto at = rng() % (text.size() + 1);
    const auto c = special[rng() % special.size()];
    switch (rng() % 4) {
      case 0:
        text.insert(at, 1, c);
        break;
      case 1:
        text.erase(at, 1 + rng() % 3);
        break;
      case 2:
        if (at < text.size()) text[at] = c;
        break;
      default:
        text.insert(at, text.substr(rng() % text.size(), rng() % 20));
        break;
    }
    if (text.empty()) text = "x";
  }
  return text;
}

struct chunks {
  request_reader::state end;
  std::string body;
  bool operator==(const chunks&) const = default;
};

/// A chunked body of at most 40 bytes that comes in portions.
chunks read_chunks(std::string_view text, std::size_t portion) {
  request_reader reader{1000, 40};
  reader.feed("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (auto now = reader.read_head(); now == request_reader::state::body && !text.empty();) {
    reader.feed(text.substr(0, portion));
    text.remove_prefix(std::min(portion, text.size()));
    now = reader.now() == request_reader::state::body ? reader.read_body() : reader.now();
  }
  return {reader.now(), reader.body()};
}

}  // namespace

// What is accepted in spite of the changes still means one thing only.
CAF_TEST(mutated heads are refused or unambiguous) {
  std::mt19937 rng{1};
  const std::string seed =
      "POST /v1/sessions/sess_a/events?after=x HTTP/1.1\r\nHost: example\r\nContent-Length: "
      "12\r\nAuthorization: Bearer k\r\n"
      "Transfer-Encoding: chunked\r\nConnection: keep-alive\r\nExpect: 100-continue\r\n\r\n";
  int accepted = 0;
  for (int i = 0; i < rounds; ++i) {
    auto text = seed;
    text.erase(text.find(i % 2 ? "Content-Length" : "Transfer"), i % 2 ? 20 : 28);
    text = mutate(text, rng);
    request_reader reader{16 * 1024, 1000};
    reader.feed(text);
    if (reader.read_head() == request_reader::state::head) continue;
    if (reader.now() == request_reader::state::refused) {
      if (reader.status() < 400 || reader.problem().empty()) CAF_FAIL("round " << i << ": " << text);
      continue;
    }
    const auto* head = &reader.head();
    ++accepted;
    const bool ambiguous = head->chunked && (head->content_length || !head->http11);
    const bool hostless = head->http11 && !contains(to_lower(text), "host:");
    if (ambiguous || hostless || head->path.empty()) CAF_FAIL("round " << i << ": " << text);
  }
  CAF_CHECK(accepted > 100);
  CAF_CHECK(accepted < rounds);
}

CAF_TEST(chunks mean the same however they are cut) {
  std::mt19937 rng{2};
  const std::string seed =
      "5;a=b\r\nhello\r\n1A\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\nTrailer: x\r\n\r\nGET / HTTP/1.1\r\n";
  int done = 0;
  for (int i = 0; i < rounds; ++i) {
    const auto text = mutate(seed, rng);
    const auto whole = read_chunks(text, text.size());
    const auto bytewise = read_chunks(text, 1);
    if (whole != bytewise || whole.body.size() > 40)
      CAF_FAIL("round " << i << ": " << text << "\nin one piece: " << static_cast<int>(whole.end) << ' '
                        << whole.body << "\nin many: " << static_cast<int>(bytewise.end) << ' '
                        << bytewise.body);
    done += whole.end == request_reader::state::whole;
  }
  CAF_CHECK(done > 100);
  CAF_CHECK(done < rounds);
}

CAF_TEST(mutated queries give valid text) {
  std::mt19937 rng{3};
  const std::string seed =
      "types[]=agent.message,user.message&created_at%5Bgte%5D=2026-01-01T00:00:00%2B00:00&u=%C3%A4&limit=10";
  int parsed = 0;
  for (int i = 0; i < rounds; ++i) {
    const auto raw = mutate(seed, rng);
    const auto q = query::parse(raw);
    if (!q) {
      // Targets are ASCII, so a message that is not valid UTF-8 could only come from decoding.
      const bool ascii =
          std::all_of(raw.begin(), raw.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
      if (q.error().code != errc::invalid || (ascii && !is_utf8(q.error().message)))
        CAF_FAIL("round " << i << ": " << raw);
      continue;
    }
    ++parsed;
    for (const auto& value : q->list("types"))
      if (!is_utf8(value) || value.empty()) CAF_FAIL("round " << i);
  }
  CAF_CHECK(parsed > 100);
}

CAF_TEST_FIXTURE_SCOPE(mutation_tests, http_fixture)

// Whatever comes, a connection answers with whole responses or closes, and nothing is left behind.
CAF_TEST(mutated requests leave nothing behind) {
  std::mt19937 rng{4};
  add_session("sess_a")->add(3);
  const std::string body = R"({"events":[{"type":"user.interrupt"}]})";
  const std::string seed =
      "POST /v1/sessions/sess_a/events HTTP/1.1\r\nHost: x\r\n" + std::string{key_header} +
      "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body +
      "GET /v1/sessions/sess_a/events/stream HTTP/1.1\r\nHost: x\r\n" + std::string{key_header} + "\r\n";
  for (int i = 0; i < 2'000; ++i) {
    auto client = connect();
    const auto answers = exchange(client, mutate(seed, rng));
    if (!answers.empty() && !answers.starts_with("HTTP/1.1 ")) CAF_FAIL("round " << i << ": " << answers);
    client.hang_up();
    pump();
    connections.clear();
  }
  CAF_CHECK_EQUAL(all->counters.connections.load(), 0);
  CAF_CHECK_EQUAL(all->bytes_in->used(), 0);
  CAF_CHECK_EQUAL(all->bytes_out.used(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
