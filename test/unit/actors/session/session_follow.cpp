// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE session_follow
#include "test/unit/actors/support/service_fixture.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

/// What a fan_out got, and whether it acknowledges.
struct thread_log {
  std::vector<published> news;
  std::vector<previewed> previews;
  /// Both as they came: `2-3`, `p3` for one behind event 3.
  std::vector<std::string> order;
  bool acknowledges = true;
  /// And whether for previews.
  std::vector<std::pair<session_actor, bool>> owed;

  void pay(const fan_out_actor& thread) {
    acknowledges = true;
    for (auto& [to, of_previews] : std::exchange(owed, {}))
      caf::anon_send(to, published_ack{thread, of_previews});
  }
};

fan_out_actor::behavior_type recording_thread(fan_out_actor::pointer self, std::shared_ptr<thread_log> log) {
  const auto acknowledge = [self, log](bool of_previews) {
    const auto from = caf::actor_cast<session_actor>(self->current_sender());
    if (log->acknowledges)
      caf::anon_send(from, published_ack{fan_out_actor{self}, of_previews});
    else
      log->owed.emplace_back(from, of_previews);
  };
  return {
      [=](const published& p) {
        log->news.push_back(p);
        const auto shown = [](seq_t seq) { return std::to_string(seq); };
        log->order.push_back(p.slice.empty() ? "-" + shown(p.end)
                                             : shown(p.slice.first_seq()) + "-" + shown(p.end));
        acknowledge(false);
      },
      [=](const previewed& p) {
        log->previews.push_back(p);
        for (std::size_t i = 0; i < p.what.size(); ++i) log->order.push_back("p" + std::to_string(p.end));
        acknowledge(true);
      },
      [](const board_moved&) {},
      [](const describe_actor&) {
        return actor_status{"fake", {}};
      },
      [](const receipt_query& q) { return receipt_told{q.of->look()}; },
  };
}

struct fixture : service_fixture {
  ~fixture() {
    for (auto& t : threads) caf::anon_send_exit(t, caf::exit_reason::user_shutdown);
    run();
  }
  fan_out_actor thread(const std::shared_ptr<thread_log>& log) {
    threads.push_back(sys.spawn(recording_thread, log));
    return threads.back();
  }
  pull_answer follow(const session_actor& s, const fan_out_actor& t, std::vector<std::string> after = {}) {
    return must<pull_answer>(s, following(t, std::move(after)));
  }
  static open_request following(const fan_out_actor& t, std::vector<std::string> after = {}) {
    open_request r = opening(256 * 1024);
    for (auto& id : after) r.after.push_back({"after", std::move(id)});
    r.follower = t;
    r.tell_cursor = true;
    return r;
  }
  static std::string preview_start(const std::string& id) {
    return R"({"type":"event_start","event":{"type":"agent.message","id":")" + id + R"("}})";
  }
  static std::string preview_delta(const std::string& id, const std::string& text) {
    return R"({"type":"event_delta","event_id":")" + id +
           R"(","delta":{"type":"content_delta","index":0,"content":{"type":"text","text":")" + text +
           R"("}}})";
  }
  std::vector<fan_out_actor> threads;
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(session_follow_tests, fixture)

CAF_TEST(what is published continues what was answered) {
  const auto s = look_up(create());
  append_text(s, "a");
  auto log = std::make_shared<thread_log>();
  const auto t = thread(log);
  const auto first = follow(s, t);
  CAF_CHECK(first.live);
  CAF_CHECK_EQUAL(first.end, 1u);
  append(s, events({message("b"), message("c")}));
  CAF_REQUIRE_EQUAL(log->news.size(), 1u);
  CAF_CHECK_EQUAL(log->news[0].slice.first_seq(), 2u);
  CAF_CHECK_EQUAL(log->news[0].slice.last_seq(), 3u);
  CAF_CHECK_EQUAL(log->news[0].end, 3u);
}

CAF_TEST(every seam between an answer and an append is tight) {
  // The open request meets an append at each step of its way.
  for (int steps = 0; steps < 12; ++steps) {
    const auto s = look_up(create());
    append_text(s, "a");
    auto log = std::make_shared<thread_log>();
    const auto t = thread(log);
    auto appended = ask<append_answer>(s, appending(events({message("b")})));
    for (int i = 0; i < steps; ++i) sched.try_run_once();
    auto opened = ask<pull_answer>(s, following(t));
    run();
    CAF_REQUIRE(*appended && *opened);
    const auto end = (*opened)->end;
    CAF_CHECK_EQUAL(log->news.size(), end == 1 ? 1u : 0u);
    if (end == 1) CAF_CHECK_EQUAL(log->news[0].slice.first_seq(), 2u);
  }
}

CAF_TEST(nothing is published before it is durable nor ever if its commit fails) {
  const auto s = look_up(create());
  auto log = std::make_shared<thread_log>();
  follow(s, thread(log));
  faults->next_commit = {errc::unavailable, "disk full"};
  must_fail<append_answer>(s, appending(events({message("a")})));
  CAF_CHECK(log->news.empty());
  append_text(s, "b");
  CAF_REQUIRE_EQUAL(log->news.size(), 1u);
  CAF_CHECK_EQUAL(log->news[0].slice.first_seq(), 1u);
}

CAF_TEST(a thread that is behind is told the end once it has caught up) {
  const auto s = look_up(create());
  auto log = std::make_shared<thread_log>();
  log->acknowledges = false;
  const auto t = thread(log);
  follow(s, t);
  for (int i = 0; i < 5; ++i) append_text(s, "x");
  CAF_REQUIRE_EQUAL(log->news.size(), 2u);
  log->pay(t);
  run();
  CAF_REQUIRE_EQUAL(log->news.size(), 3u);
  CAF_CHECK(log->news[2].slice.empty());
  CAF_CHECK_EQUAL(log->news[2].end, 5u);
  append_text(s, "y");
  CAF_CHECK_EQUAL(log->news.back().slice.first_seq(), 6u);
}

CAF_TEST(a thread that is behind gets a bounded number of previews and hears of the gap) {
  const auto s = look_up(create());
  auto log = std::make_shared<thread_log>();
  log->acknowledges = false;
  const auto t = thread(log);
  follow(s, t);
  must<append_answer>(s, appending(events({preview_start("msg_1")})));
  for (int i = 1; i < max_unacknowledged_previews + 3; ++i)
    must<append_answer>(s, appending(events({preview_delta("msg_1", "x")})));
  CAF_REQUIRE_EQUAL(log->previews.size(), static_cast<std::size_t>(max_unacknowledged_previews));
  for (const auto& p : log->previews) CAF_CHECK(!p.gap);
  append_text(s, "what is stored does not wait behind them");
  CAF_CHECK_EQUAL(log->news.size(), 1u);
  log->pay(t);
  run();
  for (int i = 0; i < 2; ++i) must<append_answer>(s, appending(events({preview_delta("msg_1", "y")})));
  CAF_REQUIRE_EQUAL(log->previews.size(), static_cast<std::size_t>(max_unacknowledged_previews) + 2);
  CAF_CHECK(log->previews[log->previews.size() - 2].gap);
  CAF_CHECK(!log->previews.back().gap);
}

CAF_TEST(an event crosses to a thread once however many streams wait there) {
  const auto s = look_up(create());
  auto log = std::make_shared<thread_log>();
  const auto t = thread(log);
  for (int i = 0; i < 10; ++i) follow(s, t);
  CAF_CHECK_EQUAL(must<session_view>(s, describe_request{}).streams, 10u);
  append_text(s, "x");
  CAF_CHECK_EQUAL(log->news.size(), 1u);
  for (int i = 0; i < 10; ++i) caf::anon_send(s, unfollow{t});
  run();
  CAF_CHECK_EQUAL(must<session_view>(s, describe_request{}).streams, 0u);
  append_text(s, "y");
  CAF_CHECK_EQUAL(log->news.size(), 1u);
}

CAF_TEST(a failed open is a follower all the same until it leaves) {
  const auto s = look_up(create());
  auto log = std::make_shared<thread_log>();
  const auto t = thread(log);
  follow(s, t);
  must_fail<pull_answer>(s, following(t, {"sevt_never"}));
  caf::anon_send(s, unfollow{t});
  run();
  CAF_CHECK_EQUAL(must<session_view>(s, describe_request{}).streams, 1u);
  append_text(s, "x");
  CAF_CHECK_EQUAL(log->news.size(), 1u);
}

CAF_TEST(a followed session does not passivate) {
  const auto s = look_up(create());
  auto log = std::make_shared<thread_log>();
  const auto t = thread(log);
  follow(s, t);
  for (int i = 0; i < 3; ++i) {
    sched.advance_time(environment->idle_timeout);
    run();
  }
  append_text(s, "x");
  CAF_CHECK_EQUAL(log->news.size(), 1u);
  caf::anon_send(s, unfollow{t});
  for (int i = 0; i < 3; ++i) {
    sched.advance_time(environment->idle_timeout);
    run();
  }
  must_fail<session_view>(s, describe_request{});
}

CAF_TEST(ends are told) {
  auto log = std::make_shared<thread_log>();
  const auto t = thread(log);
  const auto archived = look_up(create());
  follow(archived, t);
  must<session_view>(archived, archive_session{});
  CAF_REQUIRE_EQUAL(log->news.size(), 1u);
  CAF_CHECK(log->news.back().state == log_state::archived);
  CAF_CHECK(follow(archived, t).state == log_state::archived);
  const auto terminated = look_up(create());
  follow(terminated, t);
  append(terminated, events({R"({"type":"session.status_terminated"})"}));
  CAF_CHECK(log->news.back().state == log_state::terminated);
  CAF_CHECK_EQUAL(log->news.back().slice.last_seq(), 1u);
  const auto removed = look_up(create());
  append_text(removed, "x");
  follow(removed, t);
  must<session_deleted>(removed, delete_session{true});
  CAF_CHECK(log->news.back().state == log_state::deleted);
  CAF_REQUIRE(log->news.back().farewell);
  CAF_CHECK(log->news.back().farewell->find("\"type\":\"session.deleted\"") != std::string::npos);
}

CAF_TEST(a deletion that only a claim finds is told as any other) {
  const auto id = create();
  const auto s = look_up(id);
  append_text(s, "a");
  auto log = std::make_shared<thread_log>();
  follow(s, thread(log));
  const auto key = must<found_session>(reader, find_session{workspace, id}).log->key;
  const auto epoch = must<actor_status>(s, describe_actor{}).of("epoch");
  must<session_deleted>(journal, journal_delete{key, static_cast<epoch_t>(epoch), {1, test_now}});
  CAF_CHECK(log->news.empty());
  auto refused = ask<append_answer>(s, appending(events({message("b")})));
  auto waits = ask<append_answer>(s, appending(events({message("c")})));
  run_without(the(directory));
  CAF_CHECK(refused->answered && !*refused);
  CAF_REQUIRE(waits->answered);
  CAF_MESSAGE("whoever asks again is not given the old handle");
  expect((session_goes), to(directory));
  CAF_CHECK(must_fail<lookup_answer>(directory, lookup_request{workspace, id}).code == errc::not_found);
  CAF_MESSAGE("and its followers hear of it");
  CAF_REQUIRE(!log->news.empty());
  CAF_CHECK(log->news.back().state == log_state::deleted);
  CAF_REQUIRE(log->news.back().farewell);
  CAF_CHECK(log->news.back().farewell->find("\"type\":\"session.deleted\"") != std::string::npos);
}

CAF_TEST(the event at the cursor is told wherever it stands) {
  const auto id = create();
  auto s = look_up(id);
  auto log = std::make_shared<thread_log>();
  const auto t = thread(log);
  const auto slice = append(s, events({message("a"), message("b")}));
  const std::string second{slice.spans.back().block->id(2)};
  auto answer = follow(s, t, {second});
  CAF_REQUIRE(answer.at_cursor);
  CAF_CHECK_EQUAL(std::string{answer.at_cursor->block->id(2)}, second);
  CAF_CHECK(answer.live && answer.slice.empty());
  caf::anon_send(s, retire_now{});
  run();
  s = look_up(id);
  answer = follow(s, t, {second});
  CAF_REQUIRE(answer.at_cursor);
  CAF_CHECK_EQUAL(std::string{answer.at_cursor->block->id(answer.at_cursor->first)}, second);
  CAF_MESSAGE("also of a stream that starts at the end");
  auto latest = following(t);
  latest.from_end = true;
  answer = must<pull_answer>(s, latest);
  CAF_CHECK_EQUAL(answer.after, 2u);
  CAF_CHECK(answer.slice.empty());
  CAF_CHECK(answer.at_cursor);
}

CAF_TEST(previews pass behind what is in flight and are never stored) {
  const auto s = look_up(create());
  auto log = std::make_shared<thread_log>();
  follow(s, thread(log));
  const auto answer = must<append_answer>(s, appending(events({preview_start("msg_1")})));
  CAF_CHECK(answer.stored.empty());
  CAF_REQUIRE_EQUAL(log->previews.size(), 1u);
  CAF_CHECK(log->previews[0].what.at(0)->is_start);
  CAF_MESSAGE("behind the commit that is in flight when it comes");
  auto stored = ask<append_answer>(s, appending(events({message("a")})));
  auto delta = ask<append_answer>(s, appending(events({preview_delta("msg_1", "x")})));
  run();
  CAF_CHECK(*stored && *delta);
  CAF_REQUIRE_EQUAL(log->previews.size(), 2u);
  CAF_CHECK_EQUAL(log->previews[1].end, 1u);
  CAF_MESSAGE("before the events of its own request that stand behind it");
  append(s, events({preview_delta("msg_1", "y"), R"({"id":"msg_1","type":"agent.message","content":[]})"}));
  CAF_REQUIRE_EQUAL(log->previews.size(), 3u);
  CAF_CHECK_EQUAL(log->previews[2].end, 1u);
  CAF_CHECK_EQUAL(log->news.back().end, 2u);
  CAF_CHECK_EQUAL(replay(s).size(), 2u);
}

CAF_TEST(previews that are sent again pass once) {
  const auto s = look_up(create());
  auto log = std::make_shared<thread_log>();
  follow(s, thread(log));
  append(s, events({preview_start("msg_1")}));
  const auto x = events({preview_delta("msg_1", "x")});
  CAF_MESSAGE("by an SDK that has not got the answer");
  must<append_answer>(s, appending(x));
  CAF_CHECK(must<append_answer>(s, appending(x, {}, true)).replayed);
  CAF_CHECK_EQUAL(log->previews.size(), 2u);
  must<append_answer>(s, appending(events({preview_delta("msg_1", "y")}), {}, true));
  CAF_CHECK_EQUAL(log->previews.size(), 3u);
  CAF_MESSAGE("with an Idempotency-Key, behind whose commit they come");
  auto text = ask<append_answer>(s, appending(events({message("a")})));
  auto keyed = ask<append_answer>(s, appending(x, "key"));
  run();
  CAF_REQUIRE(*text && *keyed);
  CAF_CHECK((*keyed)->stored.empty());
  CAF_CHECK_EQUAL(log->previews.size(), 4u);
  CAF_CHECK_EQUAL(log->order.back(), "p1");
  CAF_CHECK(must<append_answer>(s, appending(x, "key")).stored.empty());
  CAF_CHECK_EQUAL(
      static_cast<int>(must_fail<append_answer>(s, appending(events({message("b")}), "key")).code),
      static_cast<int>(errc::conflict));
  CAF_CHECK_EQUAL(log->previews.size(), 4u);
  CAF_MESSAGE("and if that fails they come with the next one");
  faults->next_commit = {errc::unavailable, "disk full"};
  must_fail<append_answer>(s, appending(x, "other key"));
  CAF_CHECK_EQUAL(log->previews.size(), 4u);
  must<append_answer>(s, appending(x, "other key"));
  CAF_CHECK_EQUAL(log->previews.size(), 5u);
}

CAF_TEST(previews are refused behind another end than the expected one) {
  const auto s = look_up(create());
  append_text(s, "a");
  const auto body = R"({"expected_last_event_id":null,"events":[)" + preview_start("msg_1") + "]}";
  CAF_CHECK_EQUAL(static_cast<int>(must_fail<append_answer>(s, appending(body)).code),
                  static_cast<int>(errc::conflict));
}

CAF_TEST(previews keep their place between the events of one request) {
  const auto s = look_up(create());
  auto log = std::make_shared<thread_log>();
  follow(s, thread(log));
  append(s, events({preview_start("msg_1"), message("a"), message("b"), preview_delta("msg_1", "x"),
                    preview_delta("msg_1", "y"), R"({"id":"msg_1","type":"agent.message","content":[]})",
                    preview_start("msg_2"), R"({"type":"session.status_terminated"})"}));
  const std::vector<std::string> expected{"p0", "1-2", "p2", "p2", "3-3", "p3", "4-4"};
  CAF_CHECK_EQUAL(log->order, expected);
  for (const auto& p : log->news) {
    CAF_CHECK_EQUAL(p.slice.last_seq(), p.end);
    CAF_CHECK((p.state == log_state::terminated) == (p.end == 4));
  }
  CAF_CHECK_EQUAL(replay(s).size(), 4u);
}

CAF_TEST(previews of a later request come behind the events in flight and before its own) {
  const auto s = look_up(create());
  auto log = std::make_shared<thread_log>();
  follow(s, thread(log));
  auto first = ask<append_answer>(s, appending(events({message("a"), preview_start("msg_1")})));
  auto alone = ask<append_answer>(s, appending(events({preview_delta("msg_1", "x")})));
  auto second = ask<append_answer>(s, appending(events({preview_delta("msg_1", "y"), message("c")})));
  run();
  CAF_CHECK(*first && *alone && *second);
  const std::vector<std::string> expected{"1-1", "p1", "p1", "p1", "2-2"};
  CAF_CHECK_EQUAL(log->order, expected);
}

CAF_TEST(the pieces of a request find room together) {
  const auto s = look_up(create());
  auto log = std::make_shared<thread_log>();
  log->acknowledges = false;
  const auto t = thread(log);
  follow(s, t);
  append_text(s, "a");
  std::vector<std::string> list;
  for (int i = 0; i < 5; ++i) {
    list.push_back(message("b"));
    list.push_back(preview_start("msg_" + std::to_string(i)));
  }
  append(s, events(list));
  const std::vector<std::string> expected{"1-1", "2-2", "p2", "3-3", "p3", "4-4",
                                          "p4",  "5-5", "p5", "6-6", "p6"};
  CAF_CHECK_EQUAL(log->order, expected);
  CAF_MESSAGE("and who has no room gets none of them, but hears of the end");
  append(s, events(list));
  CAF_CHECK_EQUAL(log->news.size(), 6u);
  log->pay(t);
  run();
  CAF_CHECK_EQUAL(log->order.back(), "-11");
  append_text(s, "c");
  CAF_CHECK_EQUAL(log->order.back(), "12-12");
}

CAF_TEST(what is beyond the bound of waiting previews leaves a gap) {
  const auto s = look_up(create());
  auto log = std::make_shared<thread_log>();
  follow(s, thread(log));
  std::vector<std::string> list{message("a"), preview_start("msg_1")};
  for (int i = 0; i < 100; ++i) list.push_back(preview_delta("msg_1", "x"));
  append(s, events(list));
  CAF_REQUIRE_EQUAL(log->previews.size(), 1u);
  CAF_CHECK(log->previews[0].what.size() < 100);
  CAF_CHECK(!log->previews[0].gap);
  must<append_answer>(s, appending(events({preview_delta("msg_1", "y")})));
  CAF_REQUIRE_EQUAL(log->previews.size(), 2u);
  CAF_CHECK(log->previews[1].gap);
}

CAF_TEST_FIXTURE_SCOPE_END()
