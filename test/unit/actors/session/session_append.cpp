// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE session_append
#include "test/unit/actors/support/service_fixture.hpp"

using namespace sandbase;
using namespace sandbase::test;

CAF_TEST_FIXTURE_SCOPE(session_append_tests, service_fixture)

CAF_TEST(events get their places in the order of the requests) {
  const auto s = look_up(create());
  auto first = ask<append_answer>(s, appending(events({message("a"), message("b")})));
  auto second = ask<append_answer>(s, appending(events({message("c")})));
  run();
  CAF_REQUIRE(*first && *second);
  CAF_CHECK_EQUAL((*first)->stored.first_seq(), 1u);
  CAF_CHECK_EQUAL((*first)->stored.last_seq(), 2u);
  CAF_CHECK_EQUAL((*second)->stored.first_seq(), 3u);
  const auto log = replay(s);
  CAF_REQUIRE_EQUAL(log.size(), 3u);
  CAF_CHECK(log[0].find("\"text\":\"a\"") != log[0].npos);
  CAF_CHECK(log[2].find("\"text\":\"c\"") != log[2].npos);
}

CAF_TEST(pipelined appends share a commit) {
  const auto s = look_up(create());
  const auto before = faults->commits;
  std::vector<std::shared_ptr<outcome<append_answer>>> answers;
  for (int i = 0; i < 20; ++i)
    answers.push_back(ask<append_answer>(s, appending(events({message(std::to_string(i))}))));
  run();
  for (const auto& a : answers) CAF_CHECK(*a);
  CAF_CHECK(faults->commits - before < 20);
}

CAF_TEST(nothing is visible before it is durable) {
  const auto s = look_up(create());
  append_text(s, "a");
  faults->next_commit = {errc::unavailable, "disk full"};
  auto refused = ask<append_answer>(s, appending(events({message("b")})));
  run();
  CAF_REQUIRE(refused->answered);
  CAF_CHECK_EQUAL(static_cast<int>(refused->error.code), static_cast<int>(errc::unavailable));
  CAF_CHECK_EQUAL(replay(s).size(), 1u);
  const auto view = must<session_view>(s, describe_request{});
  CAF_CHECK_EQUAL(view.header->progress.tip.last_seq, 1u);
}

CAF_TEST(what is pipelined behind a failed commit fails with it and nothing takes its place) {
  const auto s = look_up(create());
  append_text(s, "a");
  faults->next_commit = {errc::unavailable, "disk full"};
  std::vector<std::shared_ptr<outcome<append_answer>>> answers;
  for (int i = 0; i < 5; ++i) answers.push_back(ask<append_answer>(s, appending(events({message("x")}))));
  run();
  std::size_t stored = 0;
  for (const auto& a : answers) {
    CAF_CHECK(a->answered);
    if (*a) ++stored;
  }
  CAF_MESSAGE("an append that came after the claim may have been stored, none before it");
  CAF_CHECK_EQUAL(replay(s).size(), 1 + stored);
  append_text(s, "b");
  CAF_CHECK_EQUAL(replay(s).size(), 2 + stored);
  restart();
  CAF_CHECK_EQUAL(replay(look_up(id_in(all_sessions().at(0)))).size(), 2 + stored);
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(nothing is stored behind a change without events that failed) {
  const auto s = look_up(create());
  append_text(s, "a");
  auto change = std::make_shared<update_request>();
  change->has_title = true;
  change->title = "t";
  auto changed = ask<session_view>(s, update_session{change});
  auto nothing_to_change = ask<session_view>(s, update_session{change});
  auto behind = ask<append_answer>(s, appending(events({message("b")})));
  for (int i = 0; i < 3; ++i) sched.run_once();  // who asks
  const auto turn = [&](const auto& whose) {
    CAF_CHECK(sched.prioritize(whose));
    sched.run_once();
  };
  turn(s);
  turn(journal);
  turn(s);
  turn(journal);
  faults->next_commit = {errc::unavailable, "disk full"};
  turn(journal);
  turn(journal);
  CAF_MESSAGE("the second one has failed, and its session does not know yet");
  turn(s);
  run();
  CAF_CHECK(*changed);
  CAF_CHECK_EQUAL(static_cast<int>(nothing_to_change->error.code), static_cast<int>(errc::unavailable));
  CAF_CHECK_EQUAL(static_cast<int>(behind->error.code), static_cast<int>(errc::unavailable));
  CAF_CHECK_EQUAL(replay(s).size(), 2u);
  append_text(s, "c");
  CAF_CHECK_EQUAL(replay(s).size(), 3u);
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(a failed disk ends the service and answers nobody) {
  const auto s = look_up(create());
  faults->next_commit = {errc::io_failed, "fsync failed"};
  auto a = ask<append_answer>(s, appending(events({message("a")})));
  run();
  CAF_CHECK_EQUAL(static_cast<int>(fatal.code), static_cast<int>(errc::io_failed));
}

CAF_TEST(expected_last_event_id guards against a concurrent writer) {
  const auto s = look_up(create());
  const auto expecting = [](const std::string& id) {
    return R"({"expected_last_event_id":)" + id + R"(,"events":[)" + message("x") + "]}";
  };
  append(s, expecting("null"));
  const auto slice = append_text(s, "y");
  CAF_CHECK_EQUAL(static_cast<int>(must_fail<append_answer>(s, appending(expecting("null"))).code),
                  static_cast<int>(errc::conflict));
  const std::string id{slice.spans.back().block->id(slice.last_seq())};
  append(s, expecting('"' + id + '"'));
  CAF_CHECK_EQUAL(static_cast<int>(must_fail<append_answer>(s, appending(expecting('"' + id + '"'))).code),
                  static_cast<int>(errc::conflict));
  CAF_CHECK_EQUAL(replay(s).size(), 3u);
}

CAF_TEST(a refusal that rests on an event in flight is checked anew when its commit fails) {
  const auto s = look_up(create());
  const std::string guarded = R"({"expected_last_event_id":null,"events":[)" + message("only") + "]}";
  faults->next_commit = {errc::unavailable, "disk full"};
  auto first = ask<append_answer>(s, appending(guarded));
  auto second = ask<append_answer>(s, appending(guarded));
  run();
  CAF_CHECK(!*first);
  CAF_CHECK(*second);
  CAF_CHECK_EQUAL(replay(s).size(), 1u);
}

CAF_TEST(the same idempotency key is answered from the log) {
  const auto s = look_up(create());
  const auto body = events({message("a"), message("b")});
  const auto first = must<append_answer>(s, appending(body, "key-1"));
  const auto again = must<append_answer>(s, appending(body, "key-1"));
  CAF_CHECK(!first.replayed);
  CAF_CHECK(again.replayed);
  CAF_CHECK_EQUAL(std::string{again.stored.spans.at(0).frames()},
                  std::string{first.stored.spans.at(0).frames()});
  CAF_CHECK_EQUAL(
      static_cast<int>(must_fail<append_answer>(s, appending(events({message("c")}), "key-1")).code),
      static_cast<int>(errc::conflict));
  CAF_CHECK_EQUAL(replay(s).size(), 2u);
  CAF_MESSAGE("also when both come at once, and after a restart");
  auto x = ask<append_answer>(s, appending(body, "key-2"));
  auto y = ask<append_answer>(s, appending(body, "key-2"));
  run();
  CAF_REQUIRE(*x && *y);
  CAF_CHECK((*x)->replayed != (*y)->replayed);
  CAF_CHECK_EQUAL(replay(s).size(), 4u);
  const auto id = must<session_view>(s, describe_request{}).header->definition->id;
  restart();
  const auto reborn = look_up(id);
  CAF_CHECK(must<append_answer>(reborn, appending(body, "key-2")).replayed);
  CAF_CHECK_EQUAL(replay(reborn).size(), 4u);
}

CAF_TEST(an earlier answer that cannot be read is to be asked for again) {
  const auto id = create();
  const auto body = events({message("a")});
  must<append_answer>(look_up(id), appending(body, "key"));
  caf::anon_send(look_up(id), retire_now{});
  run();
  auto again = ask<append_answer>(look_up(id), appending(body, "key"));
  run_without(the(reader));
  CAF_REQUIRE(sched.prioritize(reader));
  sched.run_once();  // it knows the key, and hangs before it has read the events
  run_without(the(reader));
  CAF_CHECK(!again->answered);
  sched.advance_time(std::chrono::seconds{20});
  run_without(the(reader));
  CAF_REQUIRE(again->answered);
  CAF_CHECK_EQUAL(static_cast<int>(again->error.code), static_cast<int>(errc::unavailable));
  run();
}

CAF_TEST(a retry of an SDK finds its first try) {
  const auto s = look_up(create());
  const auto body = events({message("a"), message("b")});
  const auto first = must<append_answer>(s, appending(body));
  const auto again = must<append_answer>(s, appending(body, {}, true));
  CAF_CHECK(again.replayed);
  CAF_CHECK_EQUAL(again.stored.first_seq(), first.stored.first_seq());
  CAF_MESSAGE("not for another key, another body, or after two minutes");
  CAF_CHECK(!must<append_answer>(s, appending(body, {}, true, 2)).replayed);
  CAF_CHECK(!must<append_answer>(s, appending(events({message("a"), message("z")}), {}, true)).replayed);
  test_now += std::chrono::minutes{3};
  sched.advance_time(std::chrono::minutes{3});
  CAF_CHECK(!must<append_answer>(s, appending(events({message("a"), message("z")}), {}, true)).replayed);
  CAF_MESSAGE("also while the first is in flight, and after a crash");
  const auto other = events({message("q")});
  auto x = ask<append_answer>(s, appending(other));
  auto y = ask<append_answer>(s, appending(other, {}, true));
  run();
  CAF_REQUIRE(*x && *y);
  CAF_CHECK((*y)->replayed);
  const auto id = must<session_view>(s, describe_request{}).header->definition->id;
  restart();
  CAF_CHECK(must<append_answer>(look_up(id), appending(other, {}, true)).replayed);
  CAF_MESSAGE("and when all of it is sealed");
  caf::anon_send(look_up(id), retire_now{});
  run();
  CAF_CHECK(must<append_answer>(look_up(id), appending(other, {}, true)).replayed);
  CAF_MESSAGE("but not what is older than the last two seconds of the log");
  CAF_CHECK(!must<append_answer>(look_up(id), appending(body, {}, true)).replayed);
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(a retry with an idempotency key is decided by the key and holds up nobody) {
  const auto s = look_up(create());
  const auto body = events({message("a")});
  append(s, body);
  CAF_CHECK(!must<append_answer>(s, appending(body, "key-r", true)).replayed);
  CAF_CHECK(must<append_answer>(s, appending(body, "key-r", true)).replayed);
  CAF_CHECK_EQUAL(replay(s).size(), 2u);
}

CAF_TEST(answers that were given before are answered again) {
  const auto id = create();
  auto s = look_up(id);
  append(s, events({R"({"type":"agent.custom_tool_use","id":"use_1","name":"f","input":{}})",
                    R"({"type":"agent.custom_tool_use","id":"use_2","name":"f","input":{}})"}));
  const auto result = [](const std::string& use, const std::string& text = "x") {
    return R"({"type":"user.custom_tool_result","custom_tool_use_id":")" + use +
           R"(","content":[{"type":"text","text":")" + text + R"("}]})";
  };
  append(s, events({result("use_1")}));
  append_text(s, "between");
  append(s, events({result("use_2")}));
  const auto log = replay(s);
  for (const bool sealed : {false, true}) {
    if (sealed) {
      caf::anon_send(s, retire_now{});
      run();
      s = look_up(id);
    }
    const auto again = must<append_answer>(s, appending(events({result("use_2"), result("use_1")})));
    CAF_CHECK(again.replayed);
    std::vector<std::string> got;
    for (const auto& span : again.stored.spans)
      for (auto seq = span.first; seq <= span.last; ++seq) got.emplace_back(span.block->json(seq));
    CAF_CHECK_EQUAL(got, (std::vector{log[4], log[2]}));
    const auto beside = must_fail<append_answer>(s, appending(events({message("a"), result("use_1")})));
    CAF_CHECK_EQUAL(beside.message, "events[1].custom_tool_use_id: this answer was given before, by " +
                                        log[2].substr(7, log[2].find('"', 7) - 7));
    const auto other = must_fail<append_answer>(s, appending(events({result("use_1", "y")})));
    CAF_CHECK(other.message.find("waits for a result") != other.message.npos);
    CAF_CHECK_EQUAL(replay(s).size(), log.size());
  }
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(a key of an answer that was given before is kept) {
  const auto id = create();
  auto s = look_up(id);
  const auto use = [](const std::string& name) {
    return R"({"type":"agent.custom_tool_use","id":")" + name + R"(","name":"f","input":{}})";
  };
  const auto given = [](const std::string& name) {
    return R"({"type":"user.custom_tool_result","custom_tool_use_id":")" + name + R"("})";
  };
  append(s, events({use("use_1"), use("use_2")}));
  append(s, events({given("use_1")}));
  append_text(s, "between");
  append(s, events({given("use_2")}));
  const auto one = events({given("use_1")});
  const auto both = events({given("use_2"), given("use_1")});
  const auto places = [](const append_answer& answer) {
    std::string all;
    for (const auto& span : answer.stored.spans)
      for (auto seq = span.first; seq <= span.last; ++seq) all += std::to_string(seq) + ' ';
    return all;
  };
  for (int i = 0; i < 3; ++i) {
    if (i == 2) {
      restart();
      s = look_up(id);
    }
    CAF_CHECK_EQUAL(places(must<append_answer>(s, appending(one, "key-1"))), "3 ");
    CAF_CHECK_EQUAL(places(must<append_answer>(s, appending(both, "key-2"))), "5 3 ");
    for (const auto* key : {"key-1", "key-2"})
      CAF_CHECK_EQUAL(must_fail<append_answer>(s, appending(events({message("a")}), key)).message,
                      "Idempotency-Key: it was used with another body");
  }
  CAF_MESSAGE("it knows the answer when the session has forgotten it");
  std::vector<std::string> uses;
  std::vector<std::string> results;
  for (std::size_t n = 0; n < session_progress::max_answers; ++n) {
    uses.push_back(use("more_" + std::to_string(n)));
    results.push_back(given("more_" + std::to_string(n)));
  }
  append(s, events(uses));
  append(s, events(results));
  must_fail<append_answer>(s, appending(one));
  CAF_CHECK_EQUAL(places(must<append_answer>(s, appending(one, "key-1"))), "3 ");
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(own ids are new in the session) {
  const auto s = look_up(create());
  const auto with_id = [](const std::string& id) {
    return events({R"({"id":")" + id + R"(","type":"agent.message","content":[]})"});
  };
  append(s, with_id("msg_1"));
  CAF_CHECK_EQUAL(static_cast<int>(must_fail<append_answer>(s, appending(with_id("msg_1"))).code),
                  static_cast<int>(errc::invalid));
  CAF_MESSAGE("at once");
  auto x = ask<append_answer>(s, appending(with_id("msg_2")));
  auto y = ask<append_answer>(s, appending(with_id("msg_2")));
  run();
  CAF_CHECK(static_cast<bool>(*x) != static_cast<bool>(*y));
  CAF_MESSAGE("and when sealed");
  const auto id = must<session_view>(s, describe_request{}).header->definition->id;
  caf::anon_send(s, retire_now{});
  run();
  const auto reborn = look_up(id);
  CAF_CHECK_EQUAL(static_cast<int>(must_fail<append_answer>(reborn, appending(with_id("msg_1"))).code),
                  static_cast<int>(errc::invalid));
  const auto server_made = must<session_view>(reborn, describe_request{}).header->progress.tip.last_id;
  CAF_CHECK_EQUAL(static_cast<int>(must_fail<append_answer>(reborn, appending(with_id(server_made))).code),
                  static_cast<int>(errc::invalid));
  CAF_CHECK_EQUAL(replay(reborn).size(), 2u);
}

CAF_TEST(all events of a request are stored or none) {
  const auto s = look_up(create());
  const auto bad = events({message("a"), R"({"type":"user.tool_result","tool_use_id":"sevt_none"})"});
  const auto why = must_fail<append_answer>(s, appending(bad));
  CAF_CHECK(why.message.find("events[1].tool_use_id") != why.message.npos);
  CAF_CHECK_EQUAL(replay(s).size(), 0u);
  append_text(s, "b");
  CAF_CHECK_EQUAL(replay(s).size(), 1u);
}

CAF_TEST(times never decrease and are at most a minute ahead) {
  const auto s = look_up(create());
  const auto at = [](timestamp t) {
    return events({R"({"type":"agent.thinking","processed_at":")" + format_timestamp(t) + R"("})"});
  };
  append(s, at(test_now + std::chrono::seconds{50}));
  CAF_CHECK_EQUAL(static_cast<int>(must_fail<append_answer>(s, appending(at(test_now))).code),
                  static_cast<int>(errc::invalid));
  CAF_CHECK_EQUAL(
      static_cast<int>(must_fail<append_answer>(s, appending(at(test_now + std::chrono::seconds{61}))).code),
      static_cast<int>(errc::invalid));
  CAF_MESSAGE("the server's own stamp waits for the log's last time");
  const auto slice = append_text(s, "x");
  CAF_CHECK(slice.spans.back().block->mark(slice.last_seq()).time == test_now + std::chrono::seconds{50});
}

CAF_TEST(times are compared by every digit) {
  const auto id = create();
  auto s = look_up(id);
  const auto second = format_timestamp(test_now).substr(0, 20);
  const auto at = [&](const std::string& fraction) {
    return appending(events({R"({"type":"agent.thinking","processed_at":")" + second + fraction + R"(Z"})"}));
  };
  must<append_answer>(s, at("100900001"));
  CAF_CHECK_EQUAL(must_fail<append_answer>(s, at("100900000")).message,
                  "events[0].processed_at: before the last event's, which is " + second + "100900001Z");
  must<append_answer>(s, at("100900001"));
  CAF_CHECK(replay(s).back().ends_with(second + "100900001Z\"}"));
  CAF_MESSAGE("a time of the server's making is the next millisecond");
  append_text(s, "x");
  CAF_CHECK(replay(s).back().ends_with(second + "101Z\"}"));
  must_fail<append_answer>(s, at("1009"));
  CAF_MESSAGE("also after the digits were read from the journal, and from a header");
  must<append_answer>(s, at("101000001"));
  for (const auto& forget : std::vector<std::function<void()>>{[&] { restart(); },
                                                               [&] {
                                                                 caf::anon_send(s, retire_now{});
                                                                 run();
                                                               }}) {
    forget();
    s = look_up(id);
    CAF_CHECK_EQUAL(must_fail<append_answer>(s, at("101")).message,
                    "events[0].processed_at: before the last event's, which is " + second + "101000001Z");
  }
}

CAF_TEST(a terminated or archived session takes no events) {
  const auto s = look_up(create());
  append(s, events({R"({"type":"session.status_running"})"}));
  CAF_CHECK_EQUAL(must_fail<session_view>(s, archive_session{}).message,
                  "the session is running: only a runtime key may archive it now");
  append(s, events({R"({"type":"session.status_idle","stop_reason":{"type":"end_turn"}})"}));
  CAF_CHECK(must<session_view>(s, archive_session{}).header->definition->archived_at.has_value());
  CAF_CHECK_EQUAL(static_cast<int>(must_fail<append_answer>(s, appending(events({message("a")}))).code),
                  static_cast<int>(errc::invalid));
  const auto t = look_up(create());
  append(t, events({R"({"type":"session.status_terminated"})"}));
  CAF_CHECK_EQUAL(static_cast<int>(must_fail<append_answer>(t, appending(events({message("a")}))).code),
                  static_cast<int>(errc::invalid));
}

CAF_TEST(an update appends session_updated and a failed one changes nothing) {
  const auto s = look_up(create());
  const auto titled = [](const char* title) {
    auto parsed = parse_update_request(std::string{R"({"title":")"} + title + "\"}");
    return update_session{std::make_shared<const update_request>(std::move(*parsed))};
  };
  CAF_CHECK_EQUAL(must<session_view>(s, titled("one")).header->definition->title.value(), "one");
  faults->next_commit = {errc::unavailable, "disk full"};
  must_fail<session_view>(s, titled("two"));
  CAF_CHECK_EQUAL(must<session_view>(s, describe_request{}).header->definition->title.value(), "one");
  const auto log = replay(s);
  CAF_REQUIRE_EQUAL(log.size(), 1u);
  CAF_CHECK(log[0].find("session.updated") != log[0].npos);
}

CAF_TEST_FIXTURE_SCOPE_END()
