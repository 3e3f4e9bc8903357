// SPDX-License-Identifier: Apache-2.0
// Several writers of one process, and who claims for them: none lets go of what another has, and what is
// wrong with one session is not the others' loss.
#define CAF_SUITE postgres_lanes
#include "test/unit/persistence/support/postgres_factory.hpp"
#include "test/unit/support/test.hpp"
// The framework's header comes first.
#include "persistence/postgres/roles/claiming.hpp"

#include <atomic>
#include <chrono>
#include <thread>

using namespace sandbase;
using namespace sandbase::test;

namespace {

constexpr std::size_t lane_count = 3;
constexpr auto second = std::chrono::seconds{1};

struct lanes_fixture {
  postgres_factory factory;
  std::int64_t max_unsealed = default_max_unsealed_bytes;
  store_writers all = must(factory.backend().open_writers(lane_count, max_unsealed));
  std::unique_ptr<event_reader> reader = must(factory.backend().open_reader());
  workspace_key workspace = must(all.lanes.front()->workspace("main", true));

  event_store& lane_for(const test_log& log) { return *all.lanes[lane_of(log.key, all.lanes.size())]; }
  op_outcome commit_at(event_store& lane, store_op op) { return must(lane.commit({&op, 1})).front(); }
  op_outcome commit(const test_log& log, store_op op) { return commit_at(lane_for(log), std::move(op)); }

  /// Made by any of them; this is its writer from then on.
  test_log made(const std::string& id, std::size_t events) {
    auto log = unclaimed(id, events, 0);
    must(claim_all({&log}).front());
    return log;
  }
  test_log unclaimed(const std::string& id, std::size_t events, std::size_t lane) {
    test_log log{id};
    log.workspace = workspace;
    const auto done = commit_at(*all.lanes[lane], log.create(events));
    CAF_REQUIRE(done.error.code == errc::none);
    log.key = done.session;
    return log;
  }
  std::vector<result<claimed_session>> claim_all(const std::vector<test_log*>& logs) {
    std::vector<session_key> keys;
    for (const auto* log : logs) {
      must(lane_for(*log).expect_claim(log->key));
      keys.push_back(log->key);
    }
    auto claimed = all.claimer->claim(keys);
    CAF_REQUIRE_EQUAL(claimed.size(), logs.size());
    for (std::size_t i = 0; i < logs.size(); ++i) {
      lane_for(*logs[i]).adopt(logs[i]->key, claimed[i]);
      if (claimed[i]) logs[i]->epoch = claimed[i]->epoch;
    }
    return claimed;
  }
  void keep_house() {
    for (const auto& lane : all.lanes)
      while (must(lane->housekeep({at_ms(0), true, [] { return false; }}))) {
      }
  }
  std::string writer_of(const test_log& log) {
    return factory.database.sql("SELECT writer FROM sandbase.tips WHERE session = " +
                                std::to_string(log.key));
  }
  seq_t sealed_seq(const test_log& log) {
    return must(reader->find_session(workspace, log.header.definition->id))->row.sealed_seq;
  }
  void must_be_sound() {
    std::string problems;
    const auto report = must(
        must(factory.backend().open_admin())->check([&](const std::string& p) { problems += "\n" + p; }));
    if (report.problems != 0) CAF_FAIL("the store is not sound:" << problems);
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(postgres_lanes, lanes_fixture)

CAF_TEST(sessions of one batch are claimed each for the writer that they belong to) {
  std::vector<test_log> logs;
  for (std::size_t i = 0; i < 2 * session_claimer::max_sessions; ++i)
    logs.push_back(unclaimed("sess_" + std::to_string(i), i % 3, i % lane_count));
  std::vector<test_log*> mixed;
  for (std::size_t i = 0; i < logs.size(); ++i) mixed.push_back(&logs[(i * 37) % logs.size()]);
  const auto claimed = claim_all(mixed);
  for (std::size_t i = 0; i < mixed.size(); ++i) {
    CAF_CHECK_EQUAL(jsons_of(must(claimed[i]).log.unsealed), mixed[i]->jsons);
    CAF_CHECK_EQUAL(must(claimed[i]).log.row.key, mixed[i]->key);
  }
  for (auto& log : logs) {
    CAF_CHECK(commit(log, log.append(1)).error.code == errc::none);
    CAF_CHECK_EQUAL(std::stoll(writer_of(log)) & 255, static_cast<long long>(lane_of(log.key, lane_count)));
  }
  CAF_CHECK_EQUAL(factory.database.sql("SELECT count(DISTINCT writer & -256) FROM sandbase.tips"), "1");
  CAF_CHECK_EQUAL(factory.database.sql("SELECT count(*) FROM sandbase.nodes"), "1");
  must_be_sound();
}

CAF_TEST(a claim voids what was written under the one before) {
  auto log = made("sess_a", 1);
  auto late = log;
  must(claim_all({&log}).front());
  CAF_CHECK(is_refused(commit(late, late.append(1)).error.code));
  must(claim_all({&log}).front());
  CAF_CHECK(commit(log, log.append(1)).error.code == errc::none);
}

CAF_TEST(a session that is damaged or not there fails alone) {
  auto a = unclaimed("sess_a", 3, 0);
  auto damaged = unclaimed("sess_b", 3, 1);
  auto unreadable = unclaimed("sess_c", 1, 2);
  auto gone = a;
  gone.key = 1'000'000;
  auto z = unclaimed("sess_z", 1, 0);
  factory.database.sql("DELETE FROM sandbase.journal WHERE seq = 2 AND session = " +
                       std::to_string(damaged.key));
  factory.database.sql("UPDATE sandbase.sessions SET progress = 'x' WHERE key = " +
                       std::to_string(unreadable.key));
  const auto claimed = claim_all({&a, &damaged, &unreadable, &gone, &z});
  CAF_CHECK(code_of(claimed[0]) == errc::none);
  CAF_CHECK(code_of(claimed[1]) == errc::corrupt);
  CAF_CHECK(code_of(claimed[2]) == errc::corrupt);
  CAF_CHECK(code_of(claimed[3]) == errc::not_found);
  CAF_CHECK(code_of(claimed[4]) == errc::none);
  CAF_MESSAGE("nobody writes those that failed: each is let go of, looked at to be sealed, and let go of");
  for (int i = 0; i < 3; ++i) keep_house();
  CAF_CHECK_EQUAL(writer_of(damaged), "0");
  CAF_CHECK_EQUAL(writer_of(unreadable), "0");
  CAF_CHECK(commit(a, a.append(1)).error.code == errc::none);
}

CAF_TEST(who waits for one that is locked is claimed all the same) {
  std::vector<test_log> logs;
  for (std::size_t i = 0; i < 10; ++i) logs.push_back(unclaimed("sess_" + std::to_string(i), 1, 0));
  std::vector<test_log*> some;
  for (auto& log : logs) some.push_back(&log);
  {
    const postgres_transaction held{factory.database, "SELECT 1 FROM sandbase.tips WHERE session = " +
                                                          std::to_string(logs[4].key) + " FOR UPDATE"};
    const auto begin = std::chrono::steady_clock::now();
    const auto claimed = claim_all(some);
    CAF_CHECK(std::chrono::steady_clock::now() - begin < 3 * second);
    for (std::size_t i = 0; i < logs.size(); ++i)
      CAF_CHECK(code_of(claimed[i]) == (i == 4 ? errc::unavailable : errc::none));
    CAF_CHECK(commit(logs[5], logs[5].append(1)).error.code == errc::none);
  }
  must(claim_all({&logs[4]}).front());
  CAF_CHECK(commit(logs[4], logs[4].append(1)).error.code == errc::none);
}

CAF_TEST(claims and commits of the same sessions in any order do not hang on each other) {
  constexpr int rounds = 30;
  std::vector<test_log> logs;
  for (std::size_t i = 0; i < 24; ++i) logs.push_back(made("sess_" + std::to_string(i), 1));
  std::vector<session_key> keys;
  for (const auto& log : logs) keys.insert(keys.begin(), log.key);  // against the order of keys
  std::atomic<bool> all_done = true;
  for (int round = 0; round < rounds; ++round) {
    std::vector<std::thread> writers;
    for (std::size_t n = 0; n < lane_count; ++n)
      writers.emplace_back([&, n] {
        std::vector<store_op> ops;
        for (auto& log : logs) {
          auto mine = log;
          if (lane_of(log.key, lane_count) == n) ops.emplace_back(mine.append(1));
        }
        all_done = all_done && all.lanes[n]->commit(ops);
      });
    const auto claimed = all.claimer->claim(keys);
    for (auto& w : writers) w.join();
    for (std::size_t i = 0; i < keys.size(); ++i) {
      CAF_REQUIRE(code_of(claimed[i]) == errc::none);
      auto& log = logs[logs.size() - 1 - i];
      // What was committed before the claim is in its answer; what came later does not fit.
      const auto end = must(reader->find_session(workspace, log.header.definition->id));
      CAF_CHECK_EQUAL(end->unsealed.size(), claimed[i]->log.unsealed.size());
      lane_for(log).adopt(keys[i], claimed[i]);
      if (claimed[i]->log.unsealed.size() > log.jsons.size()) log.append(1);
      CAF_CHECK_EQUAL(jsons_of(claimed[i]->log.unsealed), log.jsons);
      log.epoch = claimed[i]->epoch;
    }
  }
  CAF_CHECK(all_done);
  CAF_CHECK_EQUAL(
      factory.database.sql("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"), "0");
  must_be_sound();
}

CAF_TEST(no writer lets go of or seals what another of the process writes) {
  std::vector<test_log> logs;
  for (std::size_t i = 0; i < 2 * lane_count; ++i)
    logs.push_back(made("sess_" + std::to_string(i), 2));  // all of them by the first
  keep_house();
  for (auto& log : logs) {
    CAF_CHECK_EQUAL(sealed_seq(log), 0u);
    CAF_CHECK(commit(log, log.append(1)).error.code == errc::none);
  }
  CAF_MESSAGE("what one lets go of is sealed by the first");
  for (auto& log : logs) lane_for(log).release(log.key, log.epoch);
  for (std::size_t i = all.lanes.size(); i-- > 0;)
    while (must(all.lanes[i]->housekeep({at_ms(0), true, [] { return false; }}))) {
    }
  for (const auto& log : logs) CAF_CHECK_EQUAL(sealed_seq(log), 3u);
  must_be_sound();
}

CAF_TEST(who seals what nobody writes does not claim what somebody does) {
  auto log = made("sess_a", 2);
  postgres::connection db{must(postgres::conninfo::parse(factory.database.url())), "test"};
  constexpr std::int64_t mark = 1 << 20;
  // It may have been found without a writer a moment ago.
  CAF_CHECK(!postgres::claim_orphan(db, {log.key, mark}));
  CAF_CHECK(commit(log, log.append(1)).error.code == errc::none);
  lane_for(log).release(log.key, log.epoch);
  must(lane_for(log).housekeep({at_ms(0), false, [] { return true; }}));
  const auto claimed = postgres::claim_orphan(db, {log.key, mark});
  CAF_REQUIRE(claimed.has_value());
  CAF_CHECK_EQUAL(jsons_of(claimed->log.unsealed), log.jsons);
  CAF_CHECK(is_refused(commit(log, log.append(1)).error.code));
}

CAF_TEST(what is being claimed is not let go of before that is known) {
  auto log = made("sess_a", 2);
  auto& lane = lane_for(log);
  lane.release(log.key, log.epoch);
  must(lane.expect_claim(log.key));
  const session_key keys[] = {log.key};
  const auto claimed = all.claimer->claim(keys);
  for (int i = 0; i < 2; ++i) keep_house();  // the writer has not heard of it
  CAF_CHECK_EQUAL(sealed_seq(log), 0u);
  lane.adopt(log.key, claimed.front());
  log.epoch = must(claimed.front()).epoch;
  CAF_CHECK(commit(log, log.append(1)).error.code == errc::none);
  CAF_MESSAGE("one whose claim failed is");
  must(lane.expect_claim(log.key));
  must(all.claimer->claim(keys).front());
  lane.release(log.key, log.epoch);
  lane.adopt(log.key, failure{errc::unavailable, "the answer is lost"});
  for (int i = 0; i < 2; ++i) keep_house();
  CAF_CHECK_EQUAL(sealed_seq(log), 3u);
  must_be_sound();
}

CAF_TEST(the process is there until its last writer has gone) {
  auto log = made("sess_a", 2);
  const auto other = must(factory.backend().open_writer());
  const auto keep_others_house = [&] {
    while (must(other->housekeep({at_ms(0), true, [] { return false; }}))) {
    }
  };
  all.lanes.erase(all.lanes.begin());
  keep_others_house();
  CAF_CHECK_EQUAL(sealed_seq(log), 0u);
  all.lanes.clear();
  keep_others_house();
  CAF_CHECK_EQUAL(sealed_seq(log), 2u);
}

CAF_TEST(what is unsealed counts against one bound and each writer asks for its own) {
  all = {};
  all = must(factory.backend().open_writers(lane_count, 100'000));
  std::vector<test_log> logs;
  for (std::size_t i = 0; i < 2 * lane_count; ++i) logs.push_back(made("sess_" + std::to_string(i), 0));
  for (auto& log : logs) CAF_CHECK(commit(log, log.append(1, 14'000)).error.code == errc::none);
  CAF_CHECK_EQUAL(all.lanes[0]->unsealed().sessions, logs.size());
  CAF_CHECK_EQUAL(all.lanes[0]->unsealed().bytes, all.lanes[2]->unsealed().bytes);
  CAF_CHECK(all.lanes[1]->unsealed().is_pressed);
  std::vector<session_key> asked;
  for (std::size_t n = 0; n < lane_count; ++n)
    for (const auto session : all.lanes[n]->wants_sealed({})) {
      CAF_CHECK_EQUAL(lane_of(session, lane_count), n);
      asked.push_back(session);
    }
  CAF_CHECK_EQUAL(asked, std::vector<session_key>{logs.front().key});
  auto& last = logs.back();
  auto refused = last;
  CAF_CHECK(commit(last, refused.append(1, 30'000)).error.code == errc::unavailable);
  CAF_CHECK(commit(logs.front(), logs.front().seal({{1, 1}})).error.code == errc::none);
  must(claim_all({&last}).front());
  CAF_CHECK(commit(last, last.append(1, 20'000)).error.code == errc::none);
}

CAF_TEST(a vacuum is wanted once for what all of them have done) {
  auto log = made("sess_a", 1);
  must(all.lanes.front()->checkpoint());
  for (int i = 0; i < 3; ++i) {
    const auto first = log.last() + 1;
    CAF_CHECK(commit(log, log.append(500)).error.code == errc::none);
    CAF_CHECK(commit(log, log.seal({{i == 0 ? 1 : first, log.last()}})).error.code == errc::none);
  }
  CAF_CHECK(all.lanes.front()->wants_checkpoint(true));
  CAF_CHECK(!all.lanes[1]->wants_checkpoint(true));
  CAF_CHECK(!all.lanes[2]->wants_checkpoint(true));
}

CAF_TEST_FIXTURE_SCOPE_END()
