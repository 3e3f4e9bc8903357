// SPDX-License-Identifier: Apache-2.0
// Several journals, and who claims for them.
#define CAF_SUITE journal_lanes
#include "test/unit/actors/support/service_fixture.hpp"
// The framework's header comes first.
#include "actors/caf/timeouts.hpp"
#include "actors/session/session.hpp"
#include "test/unit/actors/support/lanes_of_memory.hpp"

#include <map>

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t lane_count = 3;

struct lanes_fixture : service_fixture {
  std::shared_ptr<memory::memory_database> database = std::make_shared<memory::memory_database>();
  std::shared_ptr<lanes_seen> seen = std::make_shared<lanes_seen>();

  lanes_fixture() {
    open = [this]() -> result<node_store> { return open_lanes(database, lane_count, seen); };
    restart();
  }
  ~lanes_fixture() { check_all(); }

  void check_all() {
    for (const auto& what : seen->violations) CAF_ERROR(what);
    for (const auto& what : faults_found()) CAF_ERROR(what);
  }
  auto held() { return the(actors->claimer()); }
  session_key key_of(const std::string& id) {
    return must<found_session>(reader, find_session{workspace, id}).log->key;
  }
  std::vector<std::string> made(std::size_t count) {
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < count; ++i) ids.push_back(create());
    return ids;
  }
  /// To each of them at once.
  std::vector<std::shared_ptr<outcome<append_answer>>> append_to(const std::vector<session_actor>& all) {
    std::vector<std::shared_ptr<outcome<append_answer>>> answers;
    for (const auto& s : all) answers.push_back(ask<append_answer>(s, appending(events({message("text")}))));
    return answers;
  }
  std::vector<session_actor> look_up_all(const std::vector<std::string>& ids) {
    std::vector<session_actor> all;
    for (const auto& id : ids) all.push_back(look_up(id));
    return all;
  }
  std::size_t claims() const {
    std::size_t count = 0;
    for (const auto& batch : seen->batches) count += batch.size();
    return count;
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(journal_lanes, lanes_fixture)

CAF_TEST(each journal writes its share of the sessions and any of them makes some) {
  const auto ids = made(40);
  for (const auto& s : look_up_all(ids)) {
    append_text(s, "a");
    append_text(s, "b");
    CAF_CHECK_EQUAL(replay(s).size(), 2u);
  }
  for (std::size_t n = 0; n < lane_count; ++n) {
    CAF_CHECK_GREATER(seen->written[n].size(), 10u);
    CAF_CHECK_GREATER(seen->made[n], 0);
  }
}

CAF_TEST(the same Idempotency - Key comes to the same journal) {
  const std::string body = R"({"agent":"agent_a","environment_id":"env_a"})";
  const auto id = create(body, "key-1");
  const auto before = seen->made;
  CAF_CHECK_EQUAL(create(body, "key-1"), id);
  std::vector<std::size_t> by;
  for (std::size_t n = 0; n < lane_count; ++n)
    if (before[n] > 0) {
      by.push_back(n);
      CAF_CHECK_EQUAL(seen->made[n], 2);
    }
  CAF_CHECK_EQUAL(by.size(), 1u);
}

CAF_TEST(claims that come together are one) {
  const auto all = look_up_all(made(20));
  const auto answers = append_to(all);
  run_without(held());
  CAF_CHECK(seen->batches.empty());
  run();
  CAF_CHECK_EQUAL(seen->batches.size(), 1u);
  CAF_CHECK_EQUAL(claims(), 20u);
  for (const auto& a : answers) CAF_CHECK(static_cast<bool>(*a));
}

CAF_TEST(more than one call takes are several) {
  constexpr auto count = 2 * session_claimer::max_sessions + 3;
  const auto answers = append_to(look_up_all(made(count)));
  run_without(held());
  run();
  CAF_CHECK_EQUAL(seen->batches.size(), 3u);
  CAF_CHECK_EQUAL(seen->batches[1].size(), session_claimer::max_sessions);
  CAF_CHECK_EQUAL(seen->batches[2].size(), 3u);
  for (const auto& a : answers) CAF_CHECK(static_cast<bool>(*a));
}

CAF_TEST(a batch of commits that was lost is claimed again at once) {
  const auto ids = made(12);
  const auto all = look_up_all(ids);
  append_to(all);
  run();
  seen->batches.clear();
  faults->every_commit = {errc::unknown_outcome, "the answer is lost"};
  const auto answers = append_to(all);
  run_without(held());
  faults->every_commit = {};
  run();
  CAF_CHECK_EQUAL(seen->batches.size(), 1u);
  CAF_CHECK_EQUAL(claims(), 12u);
  CAF_MESSAGE("none of it was stored, as the claims tell");
  for (const auto& a : answers) CAF_CHECK(a->answered && a->error.code == errc::unavailable);
  for (const auto& a : append_to(all)) {
    run();
    CAF_CHECK(static_cast<bool>(*a));
  }
  for (const auto& s : all) CAF_CHECK_EQUAL(replay(s).size(), 2u);
}

CAF_TEST(journals commit while a claim waits) {
  const auto ids = made(lane_count + 1);
  // The last one belongs to the same journal as one that writes already.
  std::map<std::size_t, session_actor> writing;
  std::map<std::size_t, session_actor> waiting;
  for (const auto& id : ids) {
    const auto lane = lane_of(key_of(id), lane_count);
    (writing.contains(lane) ? waiting : writing).emplace(lane, look_up(id));
  }
  for (const auto& [lane, s] : writing) append_text(s, "a");
  CAF_REQUIRE_EQUAL(waiting.size(), 1u);
  auto late = ask<append_answer>(waiting.begin()->second, appending(events({message("late")})));
  run_without(held());
  auto now = ask<append_answer>(writing.at(waiting.begin()->first), appending(events({message("now")})));
  run_without(held());
  CAF_CHECK(static_cast<bool>(*now));
  CAF_CHECK(!late->answered);
  run();
  CAF_CHECK(static_cast<bool>(*late));
}

CAF_TEST(a session that cannot be claimed fails alone and may be claimed again) {
  const auto ids = made(5);
  const auto bad = key_of(ids[2]);
  seen->at_claim = [&](session_key session) {
    return session == bad ? failure{errc::unavailable, "it is locked"} : failure{};
  };
  const auto all = look_up_all(ids);
  const auto answers = append_to(all);
  run();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    CAF_CHECK(answers[i]->answered);
    CAF_CHECK_EQUAL(static_cast<bool>(*answers[i]), i != 2);
  }
  CAF_CHECK_EQUAL(answers[2]->error.message, "it is locked");
  CAF_CHECK((seen->not_adopted == std::vector{std::pair{bad, errc::unavailable}}));
  seen->at_claim = [](session_key) { return failure{}; };
  append_text(all[2], "again");
  CAF_CHECK_EQUAL(replay(all[2]).size(), 1u);
}

CAF_TEST(one whose claim fails as a writer is let go of) {
  const auto id = create();
  const auto s = look_up(id);
  append_text(s, "a");
  const auto key = key_of(id);
  const auto epoch = seen->adopted[key];
  faults->next_commit = {errc::unknown_outcome, "lost"};
  seen->at_claim = [](session_key) { return failure{errc::unavailable, "it is locked"}; };
  must_fail<append_answer>(s, appending(events({message("b")})));
  CAF_CHECK_EQUAL(seen->released[key], epoch);
  seen->at_claim = [](session_key) { return failure{}; };
  append_text(s, "c");
  CAF_CHECK_EQUAL(replay(s).size(), 2u);
}

CAF_TEST(a session that goes while it is claimed is let go of) {
  const auto id = create();
  const auto key = key_of(id);
  auto lost = ask<append_answer>(look_up(id), appending(events({message("a")})));
  run_without(held());
  caf::anon_send_exit(sessions.back(), caf::exit_reason::unhandled_exception);
  run_without(held());
  CAF_CHECK(seen->released.empty());
  run();
  CAF_CHECK(lost->answered && !*lost);
  CAF_CHECK_EQUAL(seen->released[key], seen->adopted[key]);
  append_text(look_up(id), "b");
  CAF_CHECK_EQUAL(replay(look_up(id)).size(), 1u);
}

CAF_TEST(a second claim of a session comes behind the first) {
  const auto id = create();
  const auto key = key_of(id);
  const auto old = look_up(id);
  append_to({old});
  run_without(held());
  caf::anon_send_exit(old, caf::exit_reason::unhandled_exception);
  run_without(held());
  auto next = ask<lookup_answer>(directory, lookup_request{workspace, id});
  run_without(held());
  CAF_REQUIRE(static_cast<bool>(*next));
  sessions.push_back((*next)->session);
  const auto answers = append_to({(*next)->session});
  run_without(held());
  run();
  CAF_CHECK(static_cast<bool>(*answers.front()));
  CAF_CHECK((seen->batches == std::vector<std::vector<session_key>>{{key}, {key}}));
  CAF_MESSAGE("the last one is the writer");
  append_text((*next)->session, "b");
  CAF_CHECK_EQUAL(replay((*next)->session).size(), 2u);
}

CAF_TEST(an answer that comes late is noted) {
  const auto id = create();
  const auto key = key_of(id);
  const auto s = look_up(id);
  auto given_up = ask<append_answer>(s, appending(events({message("a")})));
  run_without(held());
  sched.advance_time(commit_timeout);
  run_without(held());
  CAF_CHECK(given_up->answered && !*given_up);
  run();
  CAF_CHECK(seen->adopted[key] != 0);
  append_text(s, "b");
  CAF_CHECK_EQUAL(claims(), 2u);
  caf::anon_send_exit(s, caf::exit_reason::unhandled_exception);
  run();
  CAF_CHECK_EQUAL(seen->released[key], seen->adopted[key]);
}

CAF_TEST(whoever writes is watched) {
  std::vector<std::string> expected;
  const auto end = [&](const caf::actor& who, const std::string& name) {
    expected.push_back(name);
    caf::anon_send_exit(who, caf::exit_reason::unhandled_exception);
    run();
    CAF_CHECK_EQUAL(ended, expected);
  };
  end(caf::actor_cast<caf::actor>(actors->claimer()), "log_claimer");
  end(caf::actor_cast<caf::actor>(actors->journals()[1]), "journal 2");
}

CAF_TEST(a stop closes them all and loses nothing) {
  const auto ids = made(9);
  append_to(look_up_all(ids));
  run();
  bool stopped = false;
  actors->begin_stop([&] { stopped = true; });
  run();
  CAF_CHECK(stopped);
  CAF_CHECK(ended.empty());
  restart();
  for (const auto& id : ids) {
    const auto found = must<found_session>(reader, find_session{workspace, id});
    CAF_CHECK_EQUAL(found.log->sealed_seq, 1u);
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
