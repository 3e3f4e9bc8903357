// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE follow_writer
#include "test/unit/support/test.hpp"
// The framework's header comes first.
#include "events/event/tombstone.hpp"
#include "events/log/turn_end.hpp"
#include "http/stream/follow_writer.hpp"
#include "test/unit/http/support/fakes.hpp"
#include "test/unit/http/support/http_client.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

struct fixture {
  fixture() {
    plan.wire.request_id = "req_x";
    plan.wire.http11 = false;  // the body as it is, without chunks
  }
  /// The answer of a session whose log is `log`.
  pull_answer answer(seq_t after, std::size_t max_bytes = 1'000'000, log_state state = log_state::open) {
    auto a = pulled(log.slice(after, log.end(), max_bytes), after, log.end());
    a.live = (a.slice.empty() ? after : a.slice.last_seq()) == log.end();
    a.state = state;
    if (after > 0) a.at_cursor = log.slice(after - 1, after, 1).spans.front();
    return a;
  }
  static std::string take(follow_writer& w) {
    auto text = w.out().flatten();
    w.out().clear();
    const auto body = text.find("\r\n\r\n");
    return text.starts_with("HTTP/1") && body != text.npos ? text.substr(body + 4) : text;
  }
  std::string frames(seq_t first, seq_t last) {
    std::string text;
    for (auto seq = first; seq <= last; ++seq) text += log.frame(seq);
    return text;
  }
  std::string caught_up(const std::string& id) {
    return "event: ping\nid: " + id + "\ndata: {\"type\":\"ping\",\"caught_up\":true}\n\n";
  }
  log_slice news(seq_t first) { return log.slice(first - 1, log.end(), 1'000'000); }

  fake_log log;
  follow_plan plan;
  const std::string done = "data: [DONE]\n\n";
};

preview start_of(const std::string& id, event_type of = event_type::agent_message) {
  return {true, of, id, "event: message\ndata: start " + id + "\n\n"};
}
preview delta_of(const std::string& id) {
  return {false, event_type::custom, id, "event: message\ndata: delta " + id + "\n\n"};
}

}  // namespace

CAF_TEST_FIXTURE_SCOPE(follow_writer_tests, fixture)

CAF_TEST(history runs into live with one ping between them) {
  log.add(5);
  follow_writer w{plan};
  CAF_CHECK(bool{w.opened(answer(0, 1))});
  CAF_CHECK(!w.is_live());
  CAF_CHECK_EQUAL(take(w), frames(1, 1));
  w.pulled(answer(w.cursor()));
  CAF_CHECK(w.is_live());
  CAF_CHECK_EQUAL(take(w), frames(2, 5) + caught_up(log.id(5)));
  log.add(2);
  CAF_CHECK(w.published(news(6)));
  CAF_CHECK_EQUAL(take(w), frames(6, 7));
  CAF_MESSAGE("what does not stand behind the cursor is not taken: it has to be pulled");
  log.add(2);
  CAF_CHECK(!w.published(news(9)));
  CAF_CHECK(!w.published({}));
  CAF_CHECK_EQUAL(w.next_pull().after, 7u);
  w.pulled(answer(7));
  CAF_CHECK_EQUAL(take(w), frames(8, 9));
  CAF_CHECK(w.is_live());
}

CAF_TEST(an empty log is caught up at its start) {
  follow_writer w{plan};
  CAF_CHECK(bool{w.opened(answer(0))});
  CAF_CHECK_EQUAL(take(w), caught_up("start"));
}

CAF_TEST(an answer before the end is not live) {
  log.add(4);
  auto a = answer(0);
  a.live = false;  // a reader's
  follow_writer w{plan};
  CAF_CHECK(bool{w.opened(a)});
  CAF_CHECK(!w.is_live());
  log.add(1);
  CAF_CHECK(!w.published(news(5)));
  CAF_CHECK_EQUAL(take(w), frames(1, 4));
}

CAF_TEST(ends of the log end the stream) {
  log.add(2);
  for (const auto state : {log_state::terminated, log_state::archived}) {
    follow_writer w{plan};
    CAF_CHECK(bool{w.opened(answer(0, 1'000'000, state))});
    CAF_CHECK(w.finished());
    CAF_CHECK_EQUAL(take(w), frames(1, 2) + done);
  }
  follow_writer w{plan};
  CAF_CHECK(bool{w.opened(answer(0))});
  take(w);
  log.add(1, "session.status_terminated");
  CAF_CHECK(w.published(news(3)));
  CAF_CHECK_EQUAL(take(w), frames(3, 3));
  w.ended();
  CAF_CHECK(w.finished());
  CAF_CHECK_EQUAL(take(w), done);
  CAF_MESSAGE("which may stand behind the event that tells of it");
  log.add(1, "session.event_redacted");
  follow_writer late{plan};
  CAF_CHECK(bool{late.opened(answer(0, 1, log_state::terminated))});
  while (!late.finished()) late.pulled(answer(late.cursor(), 1, log_state::terminated));
  CAF_CHECK_EQUAL(take(late), frames(1, 4) + done);
  follow_writer removed{plan};
  log.add(1);
  CAF_CHECK(bool{removed.opened(answer(4))});
  take(removed);
  removed.deleted(R"({"id":"sevt_bye","type":"session.deleted"})");
  CAF_CHECK_EQUAL(
      take(removed),
      "event: message\nid: sevt_bye\ndata: {\"id\":\"sevt_bye\",\"type\":\"session.deleted\"}\n\n" + done);
}

CAF_TEST(until idle ends behind the first final idle past the start) {
  plan.until_idle = true;
  log.add(1);
  log.add(1, "session.status_idle", 0, R"("stop_reason":{"type":"requires_action"})");
  log.add(1);
  log.add(1, "session.status_idle", 0, R"("stop_reason":{"type":"end_turn"})");
  log.add(1);
  follow_writer w{plan};
  CAF_CHECK(bool{w.opened(answer(0))});
  CAF_CHECK(w.finished());
  CAF_CHECK_EQUAL(take(w), frames(1, 4) + done);
  follow_writer later{plan};
  CAF_CHECK(bool{later.opened(answer(4))});
  CAF_CHECK(!later.finished());
  CAF_CHECK_EQUAL(take(later), frames(5, 5) + caught_up(log.id(5)));
  CAF_CHECK_EQUAL(find_turn_end(log.slice(0, 5, 1'000'000)), 4u);
  CAF_CHECK_EQUAL(find_turn_end(log.slice(0, 3, 1'000'000)), 0u);
}

CAF_TEST(an idle that is erased ends a turn if it did before) {
  plan.until_idle = true;
  const std::pair<std::string, bool> idles[] = {{"requires_action", false}, {"end_turn", true}};
  for (const auto& [why, ends] : idles) {
    log.blocks.clear();
    log.add(1);
    log.add(1, "session.status_idle", 0, R"("stop_reason":{"type":")" + why + "\"}");
    log.blocks.back() = log.blocks.back()->with_tombstone(
        2, *render_tombstone(log.json(2), *parse_timestamp("2026-06-01T00:00:00Z"), "a key"));
    log.add(1);
    CAF_CHECK_EQUAL(find_turn_end(log.slice(0, 3, 1'000'000)), ends ? seq_t{2} : seq_t{0});
    follow_writer w{plan};
    CAF_CHECK(bool{w.opened(answer(0))});
    CAF_CHECK_EQUAL(w.finished(), ends);
  }
}

CAF_TEST(a client that reconnects behind the end is told to stop) {
  log.add(1);
  log.add(1, "session.status_idle", 0, R"("stop_reason":{"type":"end_turn"})");
  plan.wire.reconnects = true;
  follow_writer sdk{plan};
  CAF_CHECK(bool{sdk.opened(answer(2, 1'000'000, log_state::archived))});
  CAF_CHECK_EQUAL(take(sdk), "id: " + log.id(2) + "\n\n" + done);
  plan.wire.reader.event_source = true;
  follow_writer archived{plan};
  CAF_CHECK(bool{archived.opened(answer(2, 1'000'000, log_state::archived))});
  CAF_CHECK(archived.finished());
  CAF_CHECK(archived.out().flatten().find(" 204 ") != std::string::npos);
  follow_writer open{plan};
  CAF_CHECK(bool{open.opened(answer(2))});
  CAF_CHECK(!open.finished());
  plan.until_idle = true;
  follow_writer idle{plan};
  CAF_CHECK(bool{idle.opened(answer(2))});
  CAF_CHECK(idle.out().flatten().find(" 204 ") != std::string::npos);
  plan.wire.reconnects = false;
  follow_writer first{plan};
  CAF_CHECK(bool{first.opened(answer(2))});
  CAF_CHECK(!first.finished());
}

CAF_TEST(a filter wakes no socket and its progress goes with the heartbeat) {
  plan.wire.filter = *type_filter::parse(*query::parse("types=agent.message"));
  log.add(1, "agent.message");
  follow_writer w{plan};
  CAF_CHECK(bool{w.opened(answer(0))});
  take(w);
  log.add(3, "agent.thinking");
  CAF_CHECK(w.published(news(2)));
  CAF_CHECK(w.out().empty());
  CAF_CHECK_EQUAL(w.cursor(), 4u);
  w.heartbeat();
  CAF_CHECK_EQUAL(take(w),
                  ": keep-alive\n\nevent: ping\nid: " + log.id(4) + "\ndata: {\"type\":\"ping\"}\n\n");
  w.heartbeat();
  CAF_CHECK_EQUAL(take(w), ": keep-alive\n\n");
  log.add(1, "agent.message");
  CAF_CHECK(w.published(news(5)));
  CAF_CHECK_EQUAL(take(w), frames(5, 5));
  log.add(1, "session.status_terminated");
  CAF_CHECK(w.published(news(6)));
  w.ended();
  CAF_CHECK_EQUAL(take(w), "id: " + log.id(6) + "\n\n" + done);
}

CAF_TEST(previews only for who asked and saw their start) {
  plan.message_previews = true;
  log.add(1);
  follow_writer w{plan};
  CAF_CHECK(bool{w.opened(answer(0))});
  take(w);
  w.previewed(delta_of("m_1"), 1);
  CAF_CHECK(w.out().empty());
  w.previewed(start_of("m_1"), 1);
  w.previewed(delta_of("m_1"), 1);
  w.previewed(start_of("t_1", event_type::agent_thinking), 1);
  CAF_CHECK_EQUAL(take(w), start_of("m_1").frame + delta_of("m_1").frame);
  CAF_MESSAGE("a hole ends the rest of it");
  w.missed_preview(delta_of("m_1"));
  w.previewed(delta_of("m_1"), 1);
  CAF_CHECK(w.out().empty());
  CAF_MESSAGE("its event concludes it");
  w.previewed(start_of(log.next_id()), 1);
  take(w);
  log.add(1);
  CAF_CHECK(w.published(news(2)));
  take(w);
  w.previewed(delta_of(log.id(2)), 2);
  CAF_CHECK(w.out().empty());
  CAF_MESSAGE("who is not at the end gets none");
  w.previewed(start_of("m_9"), 3);
  CAF_CHECK(w.out().empty());
}

CAF_TEST(a session found again goes on behind the cursor or not at all) {
  log.add(3);
  follow_writer w{plan};
  CAF_CHECK(bool{w.opened(answer(0))});
  take(w);
  log.add(1);
  w.reopened(answer(3));
  CAF_CHECK_EQUAL(take(w), frames(4, 4));
  w.reopened(answer(2));
  CAF_CHECK(w.finished());
  const auto text = take(w);
  CAF_CHECK(text.starts_with("event: error\n"));
  CAF_CHECK(text.find(done) == text.npos);
}

CAF_TEST(closing says why and when to come again) {
  follow_writer w{plan};
  CAF_CHECK(bool{w.opened(answer(0))});
  take(w);
  w.closing("shutdown", std::chrono::milliseconds{1234});
  CAF_CHECK(w.finished());
  CAF_CHECK(!w.keeps_connection());
  CAF_CHECK_EQUAL(take(w),
                  "retry: 1234\nevent: ping\ndata: {\"type\":\"ping\",\"closing\":\"shutdown\"}\n\n");
  plan.wire.reader.sdk = true;
  plan.wire.http11 = true;
  follow_writer sdk{plan};
  CAF_CHECK(bool{sdk.opened(answer(0))});
  sdk.out().clear();
  sdk.closing("max_age", std::chrono::milliseconds{1234});
  CAF_MESSAGE("the SDKs skip pings; and no last chunk says that this is all");
  const auto text = unchunk(take(sdk), true);
  CAF_CHECK(
      text.starts_with("retry: 1234\nevent: error\ndata: {\"type\":\"error\",\"error\":"
                       "{\"type\":\"overloaded_error\",\"message\":\""));
  CAF_CHECK(text.ends_with("\"request_id\":\"req_x\"}\n\n"));
}

CAF_TEST(a filtered stream says before its end where that is) {
  plan.wire.filter = *type_filter::parse(*query::parse("types=acme.none"));
  plan.wire.reader.event_source = true;
  log.add(2);
  follow_writer w{plan};
  CAF_CHECK(bool{w.opened(answer(0, 1'000'000, log_state::archived))});
  CAF_CHECK_EQUAL(take(w), "event: ping\nid: " + log.id(2) + "\ndata: {\"type\":\"ping\"}\n\n" + done);
  plan.wire.reader = {false, true, true};
  follow_writer csharp{plan};
  CAF_CHECK(bool{csharp.opened(answer(0, 1'000'000, log_state::archived))});
  CAF_CHECK_EQUAL(take(csharp), "id: " + log.id(2) + "\n\nevent: ping\n" + done);
}

CAF_TEST(a large frame is not copied for who does not take it) {
  log.add(1, "agent.message", 900'000);
  follow_writer w{plan};
  CAF_CHECK(bool{w.opened(answer(0))});
  w.out().consume(10'000);
  w.shed();
  outbox::buffer_array buffers;
  const auto front = w.out().front(buffers);
  CAF_REQUIRE(!front.empty());
  const auto* bytes = static_cast<const char*>(front[0].data());
  const auto all = log.blocks[0]->frames();
  CAF_CHECK(bytes > all.data() && bytes < all.data() + all.size());
}

CAF_TEST(what a stuck client does not take is dropped and pulled again) {
  log.add(400);
  const auto body = frames(1, 400) + caught_up(log.id(400));
  for (const std::size_t slice : {60'000u, 1'000'000u}) {
    follow_writer whole{plan};
    CAF_CHECK(bool{whole.opened(answer(0, slice))});
    const auto expected = whole.out().flatten();
    const auto head = expected.find("\r\n\r\n") + 4;
    for (std::size_t taken = 0; taken < expected.size(); taken += 777) {
      follow_writer w{plan};
      CAF_CHECK(bool{w.opened(answer(0, slice))});
      w.out().consume(taken);
      w.shed();
      CAF_CHECK(w.out().bytes() < follow_run_bytes + 1'000);
      CAF_CHECK_EQUAL(w.cursor_id(), log.id(w.cursor()));
      auto text = expected.substr(0, taken) + w.out().flatten();
      CAF_CHECK(expected.starts_with(text));
      w.out().clear();
      while (!w.is_live()) {
        w.pulled(answer(w.cursor(), slice));
        text += take(w);
      }
      CAF_CHECK(text.substr(head) == body);
    }
  }
}

CAF_TEST(a stuck stream keeps no block) {
  for (const bool to_the_end : {false, true}) {
    log = {};
    log.add(1, "agent.message", 30'000);
    if (!to_the_end) log.add(1);
    follow_writer w{plan};
    CAF_CHECK(bool{w.opened(answer(0, 1))});
    CAF_CHECK_EQUAL(w.is_live(), to_the_end);
    w.out().consume(10'000);
    const std::weak_ptr<const log_block> block = log.blocks.front();
    log.blocks.clear();
    CAF_CHECK(!block.expired());
    w.shed();
    CAF_CHECK(block.expired());
    CAF_CHECK(w.out().bytes() > 20'000u);
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
