// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE journal
#include "test/unit/actors/support/service_fixture.hpp"
// The framework's header comes first.
#include "actors/caf/timeouts.hpp"
#include "test/unit/support/captured_log.hpp"

#include <map>

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

struct journal_fixture : service_fixture {
  /// What a test watches is gone by then.
  ~journal_fixture() {
    faults->during = [](std::string_view) {};
  }

  /// Time passes, and the journal's ticks with it.
  void pass(std::chrono::steady_clock::duration time) {
    for (; time > 0ms; time -= 500ms) {
      sched.advance_time(500ms);
      run();
    }
  }
  void small_journal() {
    max_unsealed_bytes = 30'000;
    tune = [this](node_options& o) { o.stopwatch = [this] { return sched.clock().now(); }; };
    restart();
  }
  /// So far that sessions are asked to seal.
  void fill_the_journal() {
    for (int n = 0; n < 5; ++n) append_text(look_up(create()), std::string(5000, 'x'));
    pass(2s);
  }
  seq_t sealed_seq(const std::string& id) {
    return must<found_session>(reader, find_session{workspace, id}).log->sealed_seq;
  }
  failure try_append(const session_actor& s) {
    return must_fail<append_answer>(s, appending(events({message("refused")})));
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(journal_tests, journal_fixture)

CAF_TEST(a session whose seal failed is asked again while there is need of room) {
  small_journal();
  faults->every_seal = {errc::unavailable, "disk full"};
  std::vector<std::string> ids;
  for (int n = 0; n < 5; ++n) {
    ids.push_back(create());
    append_text(look_up(ids.back()), std::string(5000, 'x'));
  }
  pass(1s);
  CAF_CHECK_EQUAL(sealed_seq(ids.front()), 0u);
  faults->every_seal = {};
  pass(4s);
  CAF_CHECK_EQUAL(sealed_seq(ids.front()), 1u);
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(a session that has given up its claim seals when there is need of room) {
  small_journal();
  const auto id = create(
      R"({"agent":"a","environment_id":"e","initial_events":[{"type":"user.message","content":[{"type":"text","text":"a"}]}]})");
  auto late = ask<append_answer>(look_up(id), appending(events({message("b")})));
  run_without(the(journal));
  sched.advance_time(commit_timeout);
  run_without(the(journal));
  CAF_CHECK(late->answered && !*late);
  run();  // it is the writer now, and does not know
  CAF_CHECK_EQUAL(sealed_seq(id), 0u);
  fill_the_journal();
  CAF_CHECK_EQUAL(sealed_seq(id), 1u);
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(what a session leaves whose claim failed is sealed when there is need of room) {
  small_journal();
  const auto id = create();
  const auto s = look_up(id);
  append_text(s, "a");
  faults->next_commit = {errc::unavailable, "disk full"};
  faults->next_claim = {errc::unavailable, "no memory"};
  try_append(s);
  CAF_CHECK(faults->next_claim.code == errc::none);
  fill_the_journal();
  CAF_CHECK_EQUAL(sealed_seq(id), 1u);
  append_text(s, "b");
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(while commits fail housekeeping and checkpoints have their turns) {
  const auto left = create();
  append_text(look_up(left), "a");
  restart();
  const auto s = look_up(create());
  append_text(s, "a");
  std::map<std::string, int, std::less<>> calls;
  faults->during = [&](std::string_view call) { ++calls[std::string{call}]; };
  faults->every_commit = {errc::unavailable, "disk full"};
  faults->wants_checkpoint = true;
  for (int i = 0; i < 4; ++i) {
    try_append(s);
    pass(500ms);
  }
  CAF_CHECK_GREATER(calls["housekeep"], 0);
  CAF_CHECK_GREATER(calls["checkpoint"], 0);
  CAF_CHECK_EQUAL(sealed_seq(left), 1u);
}

CAF_TEST(housekeeping has a fifth of the time that commits leave and a twentieth of theirs) {
  tune = [this](node_options& o) { o.stopwatch = [this] { return sched.clock().now(); }; };
  restart();
  faults->house_is_endless = true;
  const auto s = look_up(create());
  append_text(s, "a");
  // Of 10 s with an append every 100 ms, whose commit takes so long.
  const auto house_time = [&](std::chrono::milliseconds commit) {
    auto& now = sched.clock().current_time;
    auto taken = 0ms;
    faults->during = [&](std::string_view call) {
      if (call == "commit") now += commit;
      if (call != "housekeep") return;
      now += 25ms;  // more than there is at a time
      taken += 25ms;
    };
    for (const auto end = now + 10s; now < end;) {
      append_text(s, "a");
      sched.advance_time(std::max(1ms, 100ms - commit));
      run();
    }
    return taken;
  };
  const auto light = house_time(1ms);
  CAF_CHECK_GREATER(light.count(), 1500);
  CAF_CHECK_LESS(light.count(), 1800);
  const auto full = house_time(100ms);
  CAF_CHECK_GREATER(full.count(), 400);
  CAF_CHECK_LESS(full.count(), 600);
}

CAF_TEST(a store that has become too new closes the node with one line) {
  const auto s = look_up(create());
  append_text(s, "a");
  faults->every_housekeep = {errc::unavailable, "the database is away"};
  pass(2s);
  const captured_log log;
  CAF_CHECK(actors->gate()->why_closed() == nullptr);
  CAF_MESSAGE("whatever failed before");
  faults->every_housekeep = {errc::outdated, "the tables are too new"};
  faults->every_commit = faults->next_claim = {errc::unavailable, "the tables are too new"};
  pass(3s);
  try_append(s);
  try_append(s);
  pass(3s);
  CAF_CHECK_EQUAL(log.lines("no more requests are taken: the tables are too new").size(), 1u);
  for (const auto& line : log.lines()) CAF_CHECK(line.words.find("the store ") == std::string::npos);
  const auto* why = actors->gate()->why_closed();
  CAF_REQUIRE(why != nullptr);
  CAF_CHECK(why->code == errc::unavailable);
  CAF_CHECK_EQUAL(why->message, "the tables are too new");
  CAF_CHECK(fatal.code == errc::none);
  faults->every_housekeep = faults->every_commit = {};
}

CAF_TEST(what goes on failing is logged once and once more when it works again) {
  const auto s = look_up(create());
  append_text(s, "a");
  const captured_log log;
  for (int round = 0; round < 2; ++round) {
    faults->every_commit = {errc::unavailable, "disk full"};
    for (int i = 0; i < 3; ++i) try_append(s);
    auto deleted = ask<session_deleted>(s, delete_session{true});
    run();
    CAF_CHECK_EQUAL(static_cast<int>(deleted->error.code), static_cast<int>(errc::unavailable));
    faults->every_commit = {};
    for (int i = 0; i < 2; ++i) append_text(s, "b");
  }
  CAF_CHECK_EQUAL(log.lines("the store could not commit: disk full").size(), 2u);
  CAF_CHECK_EQUAL(log.lines("the store commits again").size(), 2u);
}

CAF_TEST(whatever the journal waits for is seen to wait since it was asked for) {
  std::map<std::string, std::chrono::steady_clock::duration, std::less<>> waits;
  faults->during = [&](std::string_view call) {
    sched.clock().current_time += 7s;
    auto& longest = waits[std::string{call}];
    longest = std::max(longest, lasts(actors->commits()));
  };
  // The journal gets its message only 3 s after it was sent.
  const auto late_at_journal = [&](auto&& ask) {
    waits.clear();
    auto answer = ask();
    run_without(the(journal));
    sched.clock().current_time += 3s;
    run();
    CAF_REQUIRE(answer->answered);
    CAF_CHECK(answer->value.has_value());
    CAF_CHECK(lasts(actors->commits()) == 0s);
  };
  late_at_journal(
      [&] { return ask<session_created>(directory, creation(R"({"agent":"a","environment_id":"e"})")); });
  CAF_CHECK(waits["commit"] == 10s);
  const auto s = look_up(create());
  const auto append = [&] { return ask<append_answer>(s, appending(events({message("a")}))); };
  late_at_journal(append);
  CAF_CHECK(waits["claim"] == 10s);
  late_at_journal(append);
  CAF_CHECK(waits["commit"] == 10s);
  late_at_journal([&] { return ask<session_deleted>(s, delete_session{true}); });
  CAF_CHECK(waits["commit"] == 10s);

  CAF_MESSAGE("what nobody has asked for holds up those who come meanwhile");
  faults->wants_checkpoint = true;
  waits.clear();
  pass(2s);
  CAF_CHECK(waits["housekeep"] == 7s);
  CAF_CHECK(waits["checkpoint"] == 7s);
}

CAF_TEST(what is collected for a commit goes on waiting while a session is claimed) {
  const auto s = look_up(create());
  append_text(s, "a");
  const auto other = look_up(create());
  std::map<std::string, std::chrono::steady_clock::duration, std::less<>> waits;
  faults->during = [&](std::string_view call) {
    if (call == "claim") sched.clock().current_time += 4s;
    waits.emplace(call, lasts(actors->commits()));
  };
  auto collected = ask<append_answer>(s, appending(events({message("b")})));
  run_without(the(journal));
  sched.clock().current_time += 3s;
  auto claiming = ask<append_answer>(other, appending(events({message("c")})));
  run_without(the(journal));
  sched.clock().current_time += 2s;
  run();
  CAF_CHECK(*collected && *claiming);
  CAF_CHECK(waits["claim"] == 9s);
  CAF_CHECK(waits["commit"] == 9s);
}

CAF_TEST_FIXTURE_SCOPE_END()
