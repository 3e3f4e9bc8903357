// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE export_writer
#include "test/unit/http/support/http_fixture.hpp"
// The framework's header comes first.
#include "http/stream/export_writer.hpp"

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

const std::string header = "{\"session\":{}}\n";

struct fixture {
  fake_log log;
  stream_plan plan;
  /// What the client has got.
  std::string text;

  fixture() { plan.request_id = "req_x"; }

  void take(export_writer& w) {
    text += w.out().flatten();
    w.out().clear();
  }
  pull_answer answer(const export_writer& w, std::size_t max_bytes) const {
    const auto pull = w.next_pull();
    return pulled(log.slice(pull.after, pull.up_to, max_bytes), pull.after, pull.up_to);
  }
  /// Plays a whole export in pulls of at most `max_bytes`.
  export_writer play(std::size_t max_bytes, seq_t end) {
    text.clear();
    export_writer w{plan, {header, end}};
    if (auto good = w.opened(pulled(log.slice(0, log.end(), max_bytes), 0, log.end())); !good)
      CAF_FAIL(good.error().message);
    take(w);
    while (!w.finished()) {
      w.pulled(answer(w, max_bytes));
      take(w);
    }
    return w;
  }
  std::string lines(seq_t end) const {
    auto all = header;
    for (seq_t seq = 1; seq <= end; ++seq) all += log.line(seq);
    return all;
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(export_writer_tests, fixture)

CAF_TEST(an export in one slice is exactly this) {
  log.add(2);
  const auto w = play(1'000'000, 2);
  CAF_CHECK_EQUAL(text, "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nContent-Length: " +
                            std::to_string(lines(2).size()) +
                            "\r\nrequest-id: req_x\r\nCache-Control: no-store\r\n\r\n" + lines(2));
  CAF_CHECK(w.keeps_connection());
}

CAF_TEST(slices of any size make the same lines) {
  log.add(5);
  log.add(7, "agent.thinking", 3000);
  log.add(1, "agent.message", 100'000);
  for (const std::size_t max : {1u, 500u, 7000u, 20'000u}) {
    play(max, 13);
    CAF_CHECK_EQUAL(header_of(text, "Transfer-Encoding"), "chunked");
    CAF_CHECK(unchunk(body_of(text)) == lines(13));
  }
}

CAF_TEST(an export ends where its header says) {
  log.add(9);
  for (const seq_t end : {0u, 1u, 5u})
    for (const std::size_t max : {1u, 300u, 1'000'000u}) {
      play(max, end);
      const bool in_one = header_of(text, "Transfer-Encoding") == "(none)";
      CAF_CHECK_EQUAL(in_one ? body_of(text) : unchunk(body_of(text)), lines(end));
    }
  export_writer w{plan, {header, 5}};
  CAF_CHECK(w.opened(pulled({}, 0, 0)).error().code == errc::corrupt);
}

CAF_TEST(an export that is cut off shows nothing but lines) {
  log.add(4);
  for (const auto how : {0, 1, 2}) {
    export_writer w{plan, {header, 4}};
    text.clear();
    CAF_REQUIRE(w.opened(pulled(log.slice(0, 4, 1), 0, 4)));
    take(w);
    w.heartbeat();
    take(w);
    if (how == 0) w.failed({errc::not_found, "deleted"});
    if (how == 1) w.closing("shutdown", 1s);
    if (how == 2) w.pulled(pulled(log.slice(2, 4, 1), 2, 4));
    take(w);
    CAF_CHECK(w.finished());
    CAF_CHECK(w.cut_short());
    CAF_CHECK(!w.keeps_connection());
    CAF_CHECK_EQUAL(unchunk(body_of(text), true), lines(1));
  }
}

CAF_TEST(an export that waits for its client holds no more than it must) {
  log.add(30, "agent.message", 5000);
  export_writer w{plan, {header, 30}};
  CAF_REQUIRE(w.opened(pulled(log.slice(0, 30, 1'000'000), 0, 30)));
  CAF_REQUIRE(w.finished());
  const auto whole = w.out().flatten();
  CAF_CHECK_EQUAL(body_of(whole), lines(30));
  w.out().consume(100);
  text = whole.substr(0, 100);
  w.shed();
  CAF_CHECK(w.out().bytes() < 2 * bounded_run_bytes + 200'000);
  take(w);
  while (!w.finished()) {
    w.pulled(answer(w, 20'000));
    take(w);
  }
  CAF_CHECK(text == whole);
}

CAF_TEST(a HEAD and an old client get what is due) {
  log.add(3);
  plan.head_only = true;
  play(1, 3);
  CAF_CHECK_EQUAL(body_of(text), "");
  plan.head_only = false;
  plan.http11 = false;
  const auto w = play(1, 3);
  CAF_CHECK_EQUAL(body_of(text), lines(3));
  CAF_CHECK(!w.keeps_connection());
}

CAF_TEST_FIXTURE_SCOPE_END()
