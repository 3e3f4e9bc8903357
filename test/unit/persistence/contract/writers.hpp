// SPDX-License-Identifier: Apache-2.0
// Store contract: as many writers of one process as a store can have.
#pragma once

#include "test/unit/persistence/support/store_fixture.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace writers_contract {

using namespace sandbase;
using namespace sandbase::test;

// Another type in each suite that includes this.
namespace {
struct writers_fixture : store_fixture<store_factory> {
  result<claimed_session> claim_by(const store_writers& all, session_key session) {
    auto& lane = *all.lanes[lane_of(session, all.lanes.size())];
    if (!all.claimer) return lane.claim(session);
    must(lane.expect_claim(session));
    auto claimed = std::move(all.claimer->claim({&session, 1}).front());
    lane.adopt(session, claimed);
    return claimed;
  }
};
}  // namespace

CAF_TEST_FIXTURE_SCOPE(writers_contract, writers_fixture)

CAF_TEST(writers of one process share the sessions out among them) {
  reader.reset();
  writer.reset();
  {
    const auto all = must(factory.backend().open_writers(3, default_max_unsealed_bytes));
    const auto& lanes = all.lanes;
    CAF_REQUIRE(!lanes.empty());
    reader = must(factory.backend().open_reader());
    std::vector<test_log> logs;
    for (std::size_t i = 0; i < 7; ++i) {
      auto& log = logs.emplace_back("sess_" + std::to_string(i));
      log.workspace = workspace;
      const store_op made = log.create(1);
      log.key = must(lanes[i % lanes.size()]->commit({&made, 1})).front().session;
    }
    for (auto& log : logs) {
      const auto claimed = must(claim_by(all, log.key));
      CAF_CHECK_EQUAL(jsons_of(claimed.log.unsealed), log.jsons);
      log.epoch = claimed.epoch;
      const auto append = log.append(2);
      const store_op ops[] = {append, log.seal({{1, 2}})};
      for (const auto& done : must(lanes[lane_of(log.key, lanes.size())]->commit(ops)))
        CAF_CHECK(done.error.code == errc::none);
      CAF_CHECK_EQUAL(last_of(log), 3u);
    }
    for (const auto& lane : lanes) CAF_CHECK_EQUAL(lane->unsealed().sessions, logs.size());
    reader.reset();
  }
  writer = must(factory.backend().open_writer());
  reader = must(factory.backend().open_reader());
  must_be_sound();
}

CAF_TEST(claims and ends tell who writes a log) {
  const auto ends = must(factory.backend().open_end_reader());
  if (!ends) return;  // only one process writes this store
  const auto writer_of = [&](const test_log& log) {
    const auto end = must(ends->find_ends(std::array{log.key})).front();
    CAF_REQUIRE(end.has_value());
    const auto found = must(reader->find_session(log.key))->writer;
    CAF_CHECK_EQUAL(found, end->writer);
    return end->writer;
  };
  auto log = made("sess_a", 1);
  const auto first = writer_of(log);
  CAF_CHECK_NOT_EQUAL(first, 0);
  CAF_CHECK_EQUAL(must(writer->claim(log.key)).replaced, 0);
  const auto other = must(factory.backend().open_writer());
  const auto taken = must(other->claim(log.key));
  CAF_CHECK_EQUAL(taken.replaced, first);
  const auto second = writer_of(log);
  CAF_CHECK_NOT_EQUAL(second, 0);
  CAF_CHECK_NOT_EQUAL(second, first);
  CAF_MESSAGE("and that nobody does");
  other->release(log.key, taken.epoch);
  while (must(other->housekeep({at_ms(0), true, [] { return false; }}))) {
  }
  CAF_CHECK_EQUAL(writer_of(log), 0);
  CAF_CHECK_EQUAL(must(writer->claim(log.key)).replaced, 0);
  CAF_CHECK_EQUAL(writer_of(log), first);
}

CAF_TEST(writers of one process replace none of its others) {
  if (!must(factory.backend().open_end_reader())) return;
  reader.reset();
  writer.reset();
  const auto all = must(factory.backend().open_writers(3, default_max_unsealed_bytes));
  test_log log{"sess_a"};
  log.workspace = workspace;
  const store_op made = log.create(1);
  log.key = must(all.lanes.front()->commit({&made, 1})).front().session;
  for (int i = 0; i < 2; ++i) CAF_CHECK_EQUAL(must(claim_by(all, log.key)).replaced, 0);
  const auto other = must(factory.backend().open_writer());
  const auto theirs = must(other->claim(log.key)).replaced;
  CAF_CHECK_NOT_EQUAL(theirs, 0);
  const auto back = must(claim_by(all, log.key)).replaced;
  CAF_CHECK_NOT_EQUAL(back, 0);
  CAF_CHECK_NOT_EQUAL(back, theirs);
  CAF_CHECK_EQUAL(must(other->claim(log.key)).replaced, theirs);
}

CAF_TEST(processes know each other by what they announce) {
  const auto nodes = must(factory.backend().open_node_registry({"a", "a.example:1"}));
  if (!nodes) return;  // only one process writes this store
  const auto told = [](node_registry& by) {
    std::vector<std::string> all;
    node_id last = std::numeric_limits<node_id>::min();
    for (const auto& n : must(by.renew({}))) {
      CAF_CHECK_GREATER(n.id, last);
      last = n.id;
      CAF_CHECK(n.unseen >= std::chrono::seconds{0} && n.unseen < std::chrono::seconds{10});
      all.push_back((n.id == by.self() ? "self " : "") + n.name + " " + n.address);
    }
    std::ranges::sort(all);
    return all;
  };
  using texts = std::vector<std::string>;
  CAF_CHECK_EQUAL(told(*nodes), (texts{"self a a.example:1"}));
  const auto log = made("sess_a", 1);
  const auto writer_of_log = must(reader->find_session(log.key))->writer;
  CAF_CHECK_EQUAL(writer_of_log, nodes->self());
  const auto other = must(factory.backend().open_writer());
  const auto others = must(factory.backend().open_node_registry({"b", ""}));
  CAF_CHECK_NOT_EQUAL(others->self(), nodes->self());
  CAF_CHECK_EQUAL(told(*nodes), (texts{" ", "self a a.example:1"}));
  CAF_MESSAGE("what a process has announced stays when its writers are seen");
  CAF_CHECK_EQUAL(told(*others), (texts{"a a.example:1", "self b "}));
  keep_house();
  while (must(other->housekeep({at_ms(0), true, [] { return false; }}))) {
  }
  CAF_CHECK_EQUAL(told(*others), (texts{"a a.example:1", "self b "}));
  CAF_CHECK_EQUAL(told(*nodes), (texts{"b ", "self a a.example:1"}));
  CAF_MESSAGE("with its last writer it goes, and does not come back");
  writer.reset();
  CAF_CHECK_EQUAL(told(*others), (texts{"self b "}));
  CAF_CHECK_EQUAL(told(*nodes), (texts{"b "}));
  CAF_CHECK_EQUAL(told(*others), (texts{"self b "}));
}

CAF_TEST_FIXTURE_SCOPE_END()

}  // namespace writers_contract
