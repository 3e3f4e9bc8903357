// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE replay_writer
#include "test/unit/http/support/http_fixture.hpp"
// The framework's header comes first.
#include "events/log/frame.hpp"
#include "http/stream/replay_writer.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

struct fixture {
  fake_log log;
  stream_plan plan;
  /// What the client has got.
  std::string text;

  fixture() { plan.request_id = "req_x"; }

  void only(const std::string& types) {
    auto q = query::parse("types=" + types);
    auto filter = type_filter::parse(*q);
    if (!filter) CAF_FAIL(filter.error().message);
    plan.filter = *filter;
  }

  /// Takes what there is to write, in portions as a socket would.
  void take(replay_writer& w, std::size_t portion = 1000) {
    outbox::buffer_array buffers;
    while (!w.out().empty()) {
      std::string seen;
      for (const auto& b : w.out().front(buffers)) seen.append(static_cast<const char*>(b.data()), b.size());
      seen.resize(std::min(seen.size(), portion));
      text += seen;
      w.out().consume(seen.size());
    }
  }

  /// Plays a whole replay in pulls of at most `max_bytes`.
  replay_writer play(std::size_t max_bytes, seq_t after = 0) {
    text.clear();
    replay_writer w{plan};
    const auto end = log.end();
    auto first = pulled(log.slice(after, end, max_bytes), after, end);
    if (after > 0) first.at_cursor = log.slice(after - 1, after, 1).spans.front();
    if (auto good = w.opened(first); !good) CAF_FAIL(good.error().message);
    take(w);
    while (!w.finished()) {
      const auto pull = w.next_pull();
      CAF_CHECK_EQUAL(pull.up_to, end);
      CAF_CHECK_EQUAL(pull.after, w.cursor());
      w.pulled(pulled(log.slice(pull.after, pull.up_to, max_bytes), pull.after, pull.up_to));
      take(w);
    }
    return w;
  }
  std::string head() const { return text.substr(0, text.find("\r\n\r\n") + 4); }
  std::string done() const { return std::string{done_frame}; }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(replay_writer_tests, fixture)

CAF_TEST(a replay in one slice is exactly this) {
  log.add(3);
  const auto w = play(1'000'000);
  const auto body = log.frames(1, 3) + done();
  CAF_CHECK_EQUAL(
      text,
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nContent-Length: " +
          std::to_string(body.size()) +
          "\r\nrequest-id: req_x\r\nCache-Control: no-cache, no-transform\r\nX-Accel-Buffering: no\r\n\r\n" +
          body);
  CAF_CHECK(w.keeps_connection());
  CAF_CHECK(!w.cut_short());
}

CAF_TEST(an empty log is done at once) {
  const auto w = play(1000);
  CAF_CHECK_EQUAL(body_of(text), "id: start\n\n" + done());
  CAF_CHECK(w.keeps_connection());
}

CAF_TEST(slices of any size make the same body) {
  log.add(5);
  log.add(7, "agent.thinking", 3000);
  log.add(1);
  const auto whole = log.frames(1, 13) + done();
  for (const std::size_t max : {1u, 200u, 500u, 3000u, 3500u, 7000u, 20'000u, 100'000u}) {
    const auto w = play(max);
    CAF_CHECK(w.keeps_connection());
    const bool in_one = max == 100'000u;
    CAF_CHECK_EQUAL(header_of(text, "Transfer-Encoding"), in_one ? "(none)" : "chunked");
    CAF_CHECK_EQUAL(in_one ? body_of(text) : unchunk(body_of(text)), whole);
  }
}

CAF_TEST(a replay starts behind its cursor) {
  log.add(4);
  play(200, 2);
  CAF_CHECK_EQUAL(unchunk(body_of(text)), log.frames(3, 4) + done());
  play(200, 4);
  CAF_CHECK_EQUAL(body_of(text), "id: " + log.id(4) + "\n\n" + done());
}

CAF_TEST(a replay that is cut off shows nothing but its events) {
  log.add(4);
  only("agent.none");
  for (const bool sdk : {false, true}) {
    plan.reader.sdk = sdk;
    text.clear();
    replay_writer w{plan};
    CAF_CHECK(bool{w.opened(pulled(log.slice(0, 4, 200), 0, 4))});
    w.heartbeat();
    w.closing("shutdown", std::chrono::milliseconds{1234});
    take(w);
    CAF_CHECK(w.finished());
    CAF_CHECK(w.cut_short());
    const auto body = unchunk(body_of(text), true);
    CAF_CHECK_EQUAL(body.substr(0, body.find("retry:")), ": keep-alive\n\n");
    CAF_CHECK_EQUAL(body.find("event: ping"), body.npos);
    CAF_CHECK_EQUAL(body.find("overloaded_error") != body.npos, sdk);
  }
}

CAF_TEST(http 1 0 ends with the connection) {
  plan.http11 = false;
  log.add(4);
  const auto w = play(200);
  CAF_CHECK_EQUAL(header_of(text, "Transfer-Encoding"), "(none)");
  CAF_CHECK_EQUAL(header_of(text, "Content-Length"), "(none)");
  CAF_CHECK_EQUAL(header_of(text, "Connection"), "close");
  CAF_CHECK_EQUAL(body_of(text), log.frames(1, 4) + done());
  CAF_CHECK(!w.keeps_connection());
}

CAF_TEST(http 1 0 keeps the connection if the length is known) {
  plan.http11 = false;
  log.add(4);
  const auto w = play(1'000'000);
  CAF_CHECK_EQUAL(header_of(text, "Connection"), "keep-alive");
  CAF_CHECK(w.keeps_connection());
}

CAF_TEST(a connection to be closed says so) {
  plan.keep_alive = false;
  log.add(4);
  for (const std::size_t max : {200u, 100'000u}) {
    const auto w = play(max);
    CAF_CHECK_EQUAL(header_of(text, "Connection"), "close");
    CAF_CHECK(!w.keeps_connection());
  }
}

CAF_TEST(head gets no body) {
  plan.head_only = true;
  log.add(4);
  const auto w = play(200);
  CAF_CHECK_EQUAL(text, head());
  CAF_CHECK(w.finished());
  CAF_CHECK(w.keeps_connection());
}

CAF_TEST(a filter keeps back and names the last event passed) {
  log.add(2, "agent.message");
  log.add(1, "agent.thinking");
  log.add(1, "acme.note");
  log.add(2, "agent.message");
  const auto passed = "id: " + log.id(6) + "\n\n";
  for (const std::size_t max : {1u, 400u, 100'000u}) {
    only("agent.thinking,acme.note");
    play(max);
    auto body = [&] { return max == 100'000u ? body_of(text) : unchunk(body_of(text)); };
    CAF_CHECK_EQUAL(body(), log.frames(3, 4) + passed + done());
    only("agent.message");
    play(max);
    CAF_CHECK_EQUAL(body(), log.frames(1, 2) + log.frames(5, 6) + done());
    only("session.error");  // a slice of which nothing passes makes no chunk: an empty one would be the end
    play(max);
    CAF_CHECK_EQUAL(body(), passed + done());
    only("acme.other");
    play(max);
    CAF_CHECK_EQUAL(body(), passed + done());
  }
}

CAF_TEST(a filter on an empty log names its start) {
  only("agent.message");
  play(1000);
  CAF_CHECK_EQUAL(body_of(text), "id: start\n\n" + done());
}

CAF_TEST(what a stuck reader does not take is dropped and pulled again) {
  for (int i = 0; i < 6; ++i) log.add(40, "agent.message", 1000);
  const auto body = log.frames(1, 240) + done();
  for (const std::size_t slice : {100'000u, 1'000'000u}) {
    replay_writer whole{plan};
    CAF_CHECK(bool{whole.opened(pulled(log.slice(0, 240, slice), 0, 240))});
    const auto expected = whole.out().flatten();
    const bool in_one = slice == 1'000'000u;
    CAF_CHECK_EQUAL(whole.finished(), in_one);
    for (std::size_t taken = 0; taken < expected.size(); taken += 7'777) {
      replay_writer w{plan};
      CAF_CHECK(bool{w.opened(pulled(log.slice(0, 240, slice), 0, 240))});
      w.out().consume(taken);
      w.shed();
      CAF_CHECK(w.out().bytes() <= 2 * bounded_run_bytes);
      text = expected.substr(0, taken) + w.out().flatten();
      CAF_CHECK(expected.starts_with(text));
      w.out().clear();
      while (!w.finished()) {
        const auto pull = w.next_pull();
        w.pulled(pulled(log.slice(pull.after, pull.up_to, slice), pull.after, pull.up_to));
        take(w);
      }
      CAF_CHECK((in_one ? body_of(text) : unchunk(body_of(text))) == body);
      if (in_one) CAF_CHECK_EQUAL(header_of(text, "Content-Length"), std::to_string(body.size()));
    }
  }
}

CAF_TEST(a promised length is never made up by something else) {
  log.add(6, "agent.message", 40'000);
  replay_writer w{plan};
  CAF_CHECK(bool{w.opened(pulled(log.slice(0, 6, 1'000'000), 0, 6))});
  w.out().consume(1'000);
  w.shed();
  CAF_CHECK(!w.finished());
  take(w);
  const auto before = text.size();
  w.heartbeat();
  w.failed({errc::unavailable, "gone"});
  CAF_CHECK(w.finished());
  CAF_CHECK(!w.keeps_connection());
  take(w);
  CAF_CHECK_EQUAL(text.size(), before);
}

CAF_TEST(a promised length is kept or visibly broken when an event is erased meanwhile) {
  for (int i = 0; i < 30; ++i) log.add(1, "agent.message", 5000);
  for (const std::size_t erased : {100u, 9000u}) {
    fake_log later;
    for (int i = 0; i < 29; ++i) later.add(1, "agent.message", 5000);
    later.add(1, "agent.message", erased);
    for (const std::size_t max : {20'000u, 1'000'000u}) {
      text.clear();
      replay_writer w{plan};
      CAF_CHECK(bool{w.opened(pulled(log.slice(0, 30, 1'000'000), 0, 30))});
      const auto whole = w.out().flatten();
      w.out().consume(100);
      text = whole.substr(0, 100);
      w.shed();
      CAF_REQUIRE(!w.finished());
      take(w);
      while (!w.finished()) {
        const auto pull = w.next_pull();
        w.pulled(pulled(later.slice(pull.after, pull.up_to, max), pull.after, pull.up_to));
        take(w);
      }
      CAF_CHECK(w.cut_short());
      CAF_CHECK(!w.keeps_connection());
      CAF_CHECK(contains(w.why_failed().message, "erased"));
      CAF_CHECK_LESS(text.size(), whole.size());
      CAF_CHECK(whole.starts_with(text));
      CAF_CHECK(text.ends_with("\n\n"));
    }
  }
}

CAF_TEST(large runs are not copied) {
  log.add(10, "agent.message", 1000);
  replay_writer w{plan};
  CAF_CHECK(bool{w.opened(pulled(log.slice(0, 10, 1'000'000), 0, 10))});
  outbox::buffer_array buffers;
  const auto front = w.out().front(buffers);
  CAF_REQUIRE_EQUAL(front.size(), 3u);
  CAF_CHECK(front[1].data() == log.blocks[0]->frames().data());
  CAF_CHECK_EQUAL(front[1].size(), log.blocks[0]->frames().size());
}

CAF_TEST(a failure on the way is an error frame and no done) {
  log.add(4);
  replay_writer w{plan};
  CAF_CHECK(bool{w.opened(pulled(log.slice(0, 4, 1), 0, 4))});
  w.failed({errc::unavailable, "gone"});
  take(w);
  CAF_CHECK(w.finished());
  CAF_CHECK(w.cut_short());
  CAF_CHECK(!w.keeps_connection());
  CAF_MESSAGE("nor a last chunk: nobody takes it for the whole");
  CAF_CHECK_EQUAL(unchunk(body_of(text), true),
                  log.frame(1) +
                      "event: error\ndata: "
                      "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"gone\"},"
                      "\"request_id\":\"req_x\"}\n\n");
}

CAF_TEST(another history is never shown) {
  log.add(6);
  const auto slice = [&](seq_t from, seq_t to) { return log.slice(from, to, 1'000'000); };
  const std::vector<pull_answer> wrong = {
      pulled(slice(2, 3), 1, 6),  // a gap
      pulled(slice(0, 2), 1, 6),  // a repetition
      pulled({}, 1, 6),           // nothing, before the end
  };
  for (const auto& next : wrong) {
    text.clear();
    replay_writer w{plan};
    CAF_CHECK(bool{w.opened(pulled(slice(0, 1), 0, 6))});
    w.pulled(next);
    take(w);
    CAF_CHECK(w.finished());
    CAF_CHECK(w.cut_short());
    CAF_CHECK(contains(text, "event: error\ndata: "));
    CAF_CHECK(contains(text, "internal error"));
    CAF_CHECK(!contains(text, done()));
    CAF_CHECK(contains(text, log.frame(1)));
    CAF_CHECK(!contains(text, log.frame(2)));
  }
  // Wrong from the start: nothing is written, the client is told in the ordinary way.
  const std::vector<pull_answer> from_the_start = {pulled(slice(1, 3), 0, 6), pulled(slice(0, 6), 0, 5),
                                                   pulled({}, 0, 1), pulled({}, 3, 2)};
  for (const auto& first : from_the_start) {
    replay_writer w{plan};
    const auto good = w.opened(first);
    CAF_CHECK(!good);
    CAF_CHECK(good.error().code == errc::corrupt);
    CAF_CHECK(w.out().empty());
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
