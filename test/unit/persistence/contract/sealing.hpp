// SPDX-License-Identifier: Apache-2.0
// Store contract: sealing moves events from the journal into blocks, and no reader can tell the difference.
#pragma once

#include "test/unit/persistence/support/store_fixture.hpp"

#include <atomic>
#include <thread>

namespace sealing_contract {

using namespace sandbase;
using namespace sandbase::test;

CAF_TEST_FIXTURE_SCOPE(sealing_contract, store_fixture<store_factory>)

CAF_TEST(sealed events leave the ledger and are read as blocks) {
  auto log = made("sess_a", 5);
  CAF_CHECK(read_all(log).empty());
  commit_one(log.seal({{1, 5}}));
  CAF_CHECK_EQUAL(read_all(log), log.jsons);
  CAF_CHECK_EQUAL(row_of(log).sealed_seq, 5u);
  reopen();
  CAF_CHECK(unsealed_of(log).empty());
  CAF_CHECK_EQUAL(writer->unsealed().sessions, 0u);
  must_be_sound();
}

CAF_TEST(a session whose seal was not stored is asked again and ever more seldom) {
  using namespace std::chrono_literals;
  writer.reset();
  writer = must(factory.backend().open_writer(1'900));
  auto log = made("sess_a", 8);
  std::chrono::steady_clock::time_point now{};
  const auto is_asked = [&] { return writer->wants_sealed(now) == std::vector{log.key}; };
  CAF_CHECK(is_asked());
  for (const auto delay : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    CAF_CHECK(error_of(log.seal({{2, 3}})) != errc::none);
    CAF_CHECK(!is_asked());
    now += delay - 1ms;
    CAF_CHECK(!is_asked());
    CAF_CHECK(error_of(log.seal({{2, 3}})) != errc::none);  // of its own accord
    now += 1ms;
    CAF_CHECK(is_asked());
    CAF_CHECK(!is_asked());
  }
  CAF_MESSAGE("a claim is no reason to ask sooner");
  CAF_CHECK(error_of(log.seal({{2, 3}})) != errc::none);
  claim(log);
  CAF_CHECK(!is_asked());
  now += 60s;
  CAF_CHECK(is_asked());
  CAF_MESSAGE("once it is sealed all of that is over");
  commit_one(log.seal({{1, 8}}));
  CAF_CHECK(writer->wants_sealed(now).empty());
  commit_one(log.append(8));
  CAF_CHECK(is_asked());
  CAF_CHECK(error_of(log.seal({{10, 11}})) != errc::none);
  CAF_CHECK(!is_asked());
  now += 1s;
  CAF_CHECK(is_asked());
  must_be_sound();
}

CAF_TEST(a part may be sealed and the rest stays) {
  auto log = made("sess_a", 7);
  commit_one(log.seal({{1, 1}, {2, 4}}));
  CAF_CHECK_EQUAL(read_all(log), log.range(1, 4));
  reopen();
  CAF_CHECK_EQUAL(row_of(log).sealed_seq, 4u);
  CAF_CHECK_EQUAL(unsealed_of(log), log.range(5, 7));
  must_be_sound();
}

CAF_TEST(sealed events are not unsealed any more) {
  auto log = made("sess_a", 6);
  reopen();
  claim(log);
  commit_one(log.seal({{1, 4}}));
  CAF_CHECK_EQUAL(unsealed_of(log), log.range(5, 6));
  commit_one(log.seal({{5, 6}}));
  CAF_CHECK(unsealed_of(log).empty());
}

CAF_TEST(what a writer leaves is sealed by housekeeping) {
  auto a = made("sess_a", 5);
  auto b = made("sess_b", 3);
  auto c = made("sess_c", 2);
  auto running = a.append_nothing();
  a.add(running, a.make("session.status_running"));
  running.header = a.shared_header();
  commit_one(running);
  writer->release(a.key, a.epoch);
  writer->release(b.key, b.epoch);
  keep_house();
  CAF_CHECK_EQUAL(read_all(a), a.jsons);
  CAF_CHECK(row_of(a).header.progress == a.header.progress);
  CAF_CHECK_EQUAL(read_all(b), b.jsons);
  CAF_CHECK(read_all(c).empty());  // it has a writer
  CAF_CHECK_EQUAL(writer->unsealed().sessions, 1u);
  reopen();  // now nobody has
  keep_house();
  CAF_CHECK_EQUAL(read_all(c), c.jsons);
  must_be_sound();
}

CAF_TEST(events may be appended and sealed in one commit) {
  auto log = made("sess_a", 1);
  const auto append = log.append(4);
  const auto seal = log.seal({{1, 5}});
  const auto more = log.append(2);
  for (const auto& o : commit({append, seal, more})) CAF_CHECK(o.error.code == errc::none);
  CAF_CHECK_EQUAL(read_all(log), log.range(1, 5));
  reopen();
  CAF_CHECK_EQUAL(last_of(log), 7u);
  must_be_sound();
}

CAF_TEST(blocks that do not follow are refused alone) {
  auto log = made("sess_a", 6);
  CAF_CHECK(error_of(log.seal({{2, 3}})) == errc::conflict);
  CAF_CHECK(error_of(log.seal({{1, 2}, {4, 6}})) == errc::internal);
  CAF_CHECK(error_of(log.seal({})) == errc::conflict);
  CAF_CHECK(read_all(log).empty());
  commit_one(log.seal({{1, 3}}));
  CAF_CHECK(error_of(log.seal({{1, 3}})) == errc::conflict);
  CAF_CHECK_EQUAL(read_all(log), log.range(1, 3));
  test_log nobody = log;
  nobody.key = 4711;
  CAF_CHECK(error_of(nobody.seal({{4, 6}})) == errc::conflict);
}

CAF_TEST(the header that a seal brings is written) {
  auto log = made("sess_a");
  auto op = log.append_nothing();
  log.add(op, log.make("session.status_running"));
  commit({op, log.append(2)});
  commit_one(log.seal({{1, 3}}));
  CAF_CHECK(row_of(log).header.progress == log.header.progress);
}

CAF_TEST(a seal with an older header does not set the row back) {
  auto log = made("sess_a", 2);
  const auto seal = log.seal({{1, 2}});  // its header is as of event 2
  auto op = log.append_nothing();
  log.add(op, log.make("session.status_running"));
  op.header = log.shared_header();
  commit({op, seal});
  CAF_CHECK(row_of(log).header.progress.status == session_status::running);
  CAF_CHECK_EQUAL(row_of(log).sealed_seq, 2u);
  reopen();
  const auto found = recovered(log).header.progress;
  CAF_CHECK_EQUAL(found.tip.last_seq, 3u);
  CAF_CHECK(found == log.header.progress);
  must_be_sound();
}

CAF_TEST(many small seals read as one log) {
  auto log = made("sess_a");
  for (seq_t seq = 1; seq <= 40; ++seq) {
    commit_one(log.append(1));
    commit_one(log.seal({{seq, seq}}));
  }
  CAF_CHECK_EQUAL(read_all(log), log.jsons);
  must_be_sound();
}

CAF_TEST(housekeeping takes away only what is sealed) {
  auto a = made("sess_a", 30);
  auto b = made("sess_b", 5);
  commit_one(a.seal({{1, 30}}));
  keep_house();
  CAF_CHECK_EQUAL(unsealed_of(b), b.jsons);
  commit_one(a.append(3));
  reopen();
  CAF_CHECK_EQUAL(unsealed_of(b), b.jsons);
  CAF_CHECK_EQUAL(unsealed_of(a), a.range(31, 33));
  CAF_CHECK_EQUAL(read_all(a), a.range(1, 30));
  must_be_sound();
}

CAF_TEST(housekeeping ends when its budget is spent and says what is left) {
  auto log = made("sess_a", 1);
  for (int i = 0; i < 40; ++i) {
    const auto gone = made("sess_" + std::to_string(i), 3);
    commit_one(delete_op{gone.key, gone.epoch});
  }
  int steps = 0;
  while (must(writer->housekeep({at_ms(0), true, [] { return true; }}))) ++steps;
  CAF_CHECK_GREATER(steps, 0);
  CAF_CHECK(!must(writer->housekeep({at_ms(0), true, [] { return true; }})));
  must_be_sound();
}

CAF_TEST(a checkpoint changes nothing that can be read) {
  auto log = made("sess_a", 10);
  commit_one(log.seal({{1, 6}}));
  must(writer->checkpoint());
  CAF_CHECK_EQUAL(read_all(log), log.range(1, 6));
  commit_one(log.append(1));
  must(writer->checkpoint());
  reopen();
  CAF_CHECK_EQUAL(last_of(log), 11u);
}

CAF_TEST(checkpoints may run in another thread) {
  auto log = made("sess_a");
  std::atomic<bool> done = false;
  std::string failed;  // read after the thread has ended
  std::thread mover{[&] {
    while (!done)
      if (const auto moved = writer->checkpoint(); !moved) failed = moved.error().message;
  }};
  for (seq_t seq = 1; seq <= 100; ++seq) {
    const auto append = log.append(1);
    commit({append, log.seal({{seq, seq}})});
  }
  done = true;
  mover.join();
  if (!failed.empty()) CAF_ERROR("a checkpoint failed: " << failed);
  CAF_CHECK_EQUAL(read_all(log), log.jsons);
  must_be_sound();
}

CAF_TEST_FIXTURE_SCOPE_END()

}  // namespace sealing_contract
