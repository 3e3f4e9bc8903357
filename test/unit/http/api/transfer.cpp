// SPDX-License-Identifier: Apache-2.0
// Import and export over HTTP.
#define CAF_SUITE transfer
#include "test/unit/http/support/http_fixture.hpp"

#include <sstream>

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

const std::string runtime = "x-api-key: sk-sb-runtime\r\n";
constexpr std::string_view import_path = "/v1/sessions/import";

std::string header(const std::string& id) {
  return R"({"session":{"id":")" + id +
         R"(","agent":"agent_1","environment_id":"env_1"}})"
         "\n";
}
std::string event(const std::string& members) {
  return R"({"event":{"type":"agent.message")" + members + "}}\n";
}
/// Of an import with so many bytes.
std::string head_of(std::size_t length) {
  return "POST " + std::string{import_path} +
         " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(length) + "\r\n" + runtime + "\r\n";
}

}  // namespace

CAF_TEST_FIXTURE_SCOPE(transfer_tests, http_fixture)

CAF_TEST(only runtime keys import and export) {
  add_session("sess_a");
  auto client = connect();
  for (const std::string who : {"client", "viewer"}) {
    const auto answer = get(client, "/v1/sessions/sess_a/export", "x-api-key: sk-sb-" + who + "\r\n");
    CAF_CHECK_EQUAL(status_of(answer), 403);
    CAF_CHECK(contains(answer, R"("type":"permission_error")"));
  }
  CAF_CHECK_EQUAL(status_of(get(client, "/v1/sessions/sess_a/export", runtime)), 200);
  CAF_CHECK_EQUAL(status_of(get(client, "/v1/sessions/sess_none/export", runtime)), 404);
}

CAF_TEST(an export is the header and the log up to where that says) {
  auto log = add_session("sess_a");
  log->add(3);
  log->header->progress.tip.last_seq = 2;  // one more came behind the header
  auto client = connect();
  const auto answer = get(client, "/v1/sessions/sess_a/export", runtime);
  CAF_CHECK_EQUAL(status_of(answer), 200);
  CAF_CHECK_EQUAL(header_of(answer, "Content-Type"), "application/x-ndjson");
  CAF_CHECK_EQUAL(header_of(answer, "Cache-Control"), "no-store");
  const auto body = body_of(answer);
  CAF_CHECK(body.starts_with(R"({"session":{"id":"sess_a")"));
  CAF_CHECK(body.ends_with("}\n" + log->line(1) + log->line(2)));
  CAF_CHECK_EQUAL(std::count(body.begin(), body.end(), '\n'), 3);
  CAF_CHECK_EQUAL(status_of(get(client, "/v1/sessions/sess_a/export", runtime)), 200);
}

CAF_TEST(exports count as streams of their key) {
  options.max_streams_per_key = 1;
  auto log = add_session("sess_a");
  log->add(1);
  log->header->progress.tip.last_seq = 1;
  log->hold = true;
  auto client = connect();
  auto other = connect();
  CAF_CHECK_EQUAL(get(client, "/v1/sessions/sess_a/export", runtime), "");
  CAF_CHECK_EQUAL(status_of(get(other, "/v1/sessions/sess_a/export", runtime)), 429);
}

// --- import ----------------------------------------------------------------------------------------

CAF_TEST(an import answers with what it took) {
  auto client = connect();
  const auto answer = post(
      client, import_path,
      header("sess_a") + event("") + event("") + header("sess_b") + "nonsense\n" + header("sess_c"), runtime);
  CAF_CHECK_EQUAL(status_of(answer), 200);
  CAF_CHECK_EQUAL(body_of(answer),
                  R"({"sessions":2,"events":2,"skipped":0,"errors":[{"line":5,"session":"sess_b","message":)"
                  R"("malformed JSON at byte 0, unexpected 'n'"}]})");
  CAF_CHECK_EQUAL(world->logs.size(), 2u);
  CAF_CHECK_EQUAL(world->logs["sess_a"]->end(), 2u);
  CAF_CHECK(world->staged.empty());
  CAF_CHECK_EQUAL(all->bytes_in->used(), 0);
  CAF_MESSAGE("again it is skipped, and the connection goes on");
  const auto again = post(client, import_path, header("sess_a") + event("") + event("") + event(""), runtime);
  CAF_CHECK(
      contains(again, R"("errors":[{"line":4,"session":"sess_a","message":"event: the stored session ends)"));
  CAF_CHECK(contains(post(client, import_path, header("sess_a") + event("") + event(""), runtime),
                     R"("skipped":1)"));
}

CAF_TEST(only runtime keys import) {
  auto client = connect();
  for (const std::string who : {"client", "viewer"}) {
    const auto answer = post(client, import_path, header("sess_a"), "x-api-key: sk-sb-" + who + "\r\n");
    CAF_CHECK_EQUAL(status_of(answer), 403);
    client = connect();
  }
  CAF_CHECK(world->logs.empty());
}

CAF_TEST(a body may have any length and come in any pieces) {
  options.max_body_bytes = 1000;
  const auto text = header("sess_a") + event(R"(,"text":")" + std::string(300'000, 'x') + '"') +
                    header("sess_b") + event("") + header("sess_c");
  for (const std::size_t piece : {100'000u, 4097u}) {
    auto client = connect();
    CAF_CHECK_EQUAL(exchange(client, "POST " + std::string{import_path} + " HTTP/1.1\r\nHost: x\r\n" +
                                         runtime + "Transfer-Encoding: chunked\r\n\r\n"),
                    "");
    std::string answer;
    for (std::size_t i = 0; i < text.size(); i += piece) {
      const auto part = text.substr(i, piece);
      std::ostringstream size;
      size << std::hex << part.size();
      answer += exchange(client, size.str() + "\r\n" + part + "\r\n");
      CAF_CHECK_EQUAL(answer, "");
      pass(3s);  // each byte gives time for the next
    }
    answer = exchange(client, "0\r\n\r\n");
    CAF_CHECK_EQUAL(status_of(answer), 200);
    CAF_CHECK(
        contains(answer, piece == 4097u ? R"("sessions":0,"events":0,"skipped":3)" : R"("sessions":3,)"));
  }
}

CAF_TEST(a client that sends no byte for five seconds is cut off and leaves nothing) {
  auto client = connect();
  std::string text = header("sess_a");
  for (int i = 0; i < 30; ++i) text += event(R"(,"text":")" + std::string(50'000, 'x') + '"');
  CAF_CHECK_EQUAL(exchange(client, head_of(text.size() + 1) + text), "");
  CAF_CHECK_EQUAL(world->staged.size(), 1u);
  pass(4s);
  CAF_CHECK_EQUAL(exchange(client, "\n").substr(0, 12), "HTTP/1.1 200");
  CAF_CHECK_EQUAL(exchange(client, head_of(text.size() + 1) + text), "");
  pass(6s);
  CAF_CHECK_EQUAL(client.receive(), "");
  CAF_CHECK(client.closed());
  CAF_CHECK(world->staged.empty());
  CAF_CHECK_EQUAL(all->bytes_in->used(), 0);
}

CAF_TEST(a client that is faster than the store waits) {
  world->hold_stage = true;
  auto client = connect();
  std::string text = header("sess_a");
  for (int i = 0; i < 200; ++i) text += event(R"(,"text":")" + std::string(50'000, 'x') + '"');
  auto rest = std::string_view{text};
  client.send(head_of(text.size()));
  std::size_t taken = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto n = client.send(rest.substr(0, 64 * 1024));
    rest.remove_prefix(n);
    taken += n;
    pump();
  }
  // One slice, a piece, and what the kernel keeps.
  CAF_CHECK(taken < 4'000'000);
  CAF_CHECK_EQUAL(world->slices, 1);
  CAF_CHECK(all->bytes_in->used() < 3'000'000);
  CAF_MESSAGE("and is not blamed for it");
  pass(10s);
  CAF_CHECK(!client.closed());
  for (int i = 0; i < 1000 && !rest.empty(); ++i) {
    for (auto& f : std::exchange(world->stage_waits, {})) f();
    pump();
    rest.remove_prefix(client.send(rest.substr(0, 64 * 1024)));
    pump();
  }
  std::string answer;
  for (int i = 0; i < 20 && answer.empty(); ++i) {
    for (auto& f : std::exchange(world->stage_waits, {})) f();
    pump();
    answer = client.receive();
  }
  CAF_CHECK(contains(answer, R"("sessions":1,"events":200,)"));
}

CAF_TEST(a client that hangs up leaves nothing) {
  auto client = connect();
  std::string text = header("sess_a");
  for (int i = 0; i < 30; ++i) text += event(R"(,"text":")" + std::string(50'000, 'x') + '"');
  exchange(client, head_of(text.size() + 1) + text);
  CAF_CHECK_EQUAL(world->staged.size(), 1u);
  client.hang_up();
  pump();
  CAF_CHECK(world->staged.empty());
  CAF_CHECK(world->logs.empty());
}

CAF_TEST(a key that is revoked while its import comes stops it) {
  auto client = connect();
  const auto text = header("sess_a") + event("");
  CAF_CHECK_EQUAL(exchange(client, head_of(2 * text.size()) + text), "");
  add_key("sk-sb-runtime", role::runtime, 2, true);
  pass(3s);
  CAF_CHECK_EQUAL(status_of(exchange(client, text)), 401);
  CAF_CHECK(world->logs.empty());
}

CAF_TEST(an import that the store fails says whether anything was written) {
  auto client = connect();
  world->stage_error = failure{errc::unavailable, "the disk is full"};
  CAF_CHECK_EQUAL(status_of(post(client, import_path, header("sess_a") + event(""), runtime)), 503);
  auto other = connect();
  const auto answer = post(other, import_path, header("sess_b") + header("sess_a") + event(""), runtime);
  CAF_CHECK_EQUAL(status_of(answer), 200);
  CAF_CHECK(contains(answer, R"("sessions":1,"events":0,"skipped":0,"errors":[{"line":2,"session":"sess_a",)"
                             R"("message":"the import broke off here and took nothing more: the disk is)"));
  CAF_CHECK_EQUAL(world->logs.size(), 1u);
  CAF_MESSAGE("so does one whose rest has not come, and its connection ends");
  auto third = connect();
  const auto text = header("sess_c") + header("sess_a") + event("") + header("sess_d");
  const auto early = exchange(third, head_of(text.size() + 1) + text);
  CAF_CHECK_EQUAL(status_of(early), 200);
  CAF_CHECK(contains(early, R"("sessions":1,)"));
  CAF_CHECK(contains(early, "broke off"));
  CAF_CHECK(contains(early, "Connection: close"));
  CAF_CHECK_EQUAL(all->bytes_in->used(), 0);
}

CAF_TEST(what is internal stays so when an import breaks off) {
  world->stage_error = failure{errc::internal, "page 7"};
  auto client = connect();
  const auto none = post(client, import_path, header("sess_a") + event(""), runtime);
  CAF_CHECK_EQUAL(status_of(none), 500);
  CAF_CHECK(!contains(none, "page 7"));
  auto other = connect();
  const auto some = post(other, import_path, header("sess_b") + header("sess_a") + event(""), runtime);
  CAF_CHECK_EQUAL(status_of(some), 200);
  CAF_CHECK(contains(some, "and took nothing more: internal error;"));
  CAF_MESSAGE("a session whose last answer is lost may be there");
  world->stage_error = {};
  world->publish_error = failure{errc::unknown_outcome, "lost"};
  auto third = connect();
  const auto lost = post(third, import_path, header("sess_c"), runtime);
  CAF_CHECK_EQUAL(status_of(lost), 200);
  CAF_CHECK(contains(lost, R"("line":1,"session":"sess_c","message":"the import broke off here)"));
  CAF_CHECK(contains(lost, "whether this session was stored is unknown"));
}

CAF_TEST(a session that is made meanwhile is an error of its own) {
  world->publish_error = failure{errc::conflict, "taken"};
  auto client = connect();
  const auto answer = post(client, import_path, header("sess_a") + event(""), runtime);
  CAF_CHECK(contains(answer,
                     R"({"line":1,"session":"sess_a","message":"session.id: a session of this id was made)"));
  CAF_CHECK(world->staged.empty());
}

CAF_TEST(imports keep to the bounds on what comes in) {
  options.max_bytes_in_per_key = 2'000'000;
  auto client = connect();
  auto other = connect();
  CAF_CHECK_EQUAL(exchange(client, head_of(1000)), "");
  const auto answer = post(other, import_path, header("sess_a"), runtime);
  CAF_CHECK_EQUAL(status_of(answer), 429);
  CAF_CHECK(contains(answer, "http.max_bytes_in_per_key"));
}

CAF_TEST(a long line that finds no room beside others breaks its import off) {
  options.max_bytes_in_per_key = 4'000'000;
  auto client = connect();
  CAF_CHECK_EQUAL(exchange(client, head_of(1000)), "");
  const auto text = header("sess_a") + event(R"(,"text":")" + std::string(2'000'000, 'x') + '"');
  auto other = connect();
  CAF_CHECK_EQUAL(status_of(post(other, import_path, text, runtime)), 429);
  CAF_MESSAGE("what was taken before is told");
  auto third = connect();
  const auto answer = post(third, import_path, header("sess_b") + text, runtime);
  CAF_CHECK_EQUAL(status_of(answer), 200);
  CAF_CHECK(
      contains(answer, R"("sessions":1,"events":0,"skipped":0,"errors":[{"line":2,"session":"sess_a",)"));
  CAF_CHECK(contains(answer, "http.max_bytes_in_per_key"));
  CAF_CHECK(world->staged.empty());
  CAF_MESSAGE("alone it has room");
  client.hang_up();
  pump();
  auto fourth = connect();
  CAF_CHECK_EQUAL(status_of(post(fourth, import_path, text, runtime)), 200);
  CAF_CHECK_EQUAL(world->logs.size(), 2u);
  CAF_CHECK_EQUAL(all->bytes_in->used(), 0);
}

CAF_TEST(a line that the bounds can never hold costs its session alone) {
  options.max_bytes_in_per_key = 2'000'000;
  auto client = connect();
  const auto with = [](std::size_t n) { return event(R"(,"text":")" + std::string(n, 'x') + '"'); };
  const auto answer =
      post(client, import_path,
           header("sess_a") + with(1'500'000) + event("") + header("sess_b") + with(600'000), runtime);
  CAF_CHECK_EQUAL(status_of(answer), 200);
  CAF_CHECK(
      contains(answer, R"({"sessions":1,"events":1,"skipped":0,"errors":[{"line":2,"session":"sess_a",)"));
  CAF_CHECK(contains(answer,
                     "the line is longer than 689280 bytes (http.max_bytes_in_per_key of 2000000, less "
                     "1310720 that an import needs)"));
  CAF_CHECK_EQUAL(all->bytes_in->used(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
