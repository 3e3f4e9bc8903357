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
  CAF_CHECK(must(writer->scan()).empty());
  must_be_sound();
}

CAF_TEST(a part may be sealed and the rest stays) {
  auto log = made("sess_a", 7);
  commit_one(log.seal({{1, 1}, {2, 4}}));
  CAF_CHECK_EQUAL(read_all(log), log.range(1, 4));
  reopen();
  const auto ledger = must(writer->scan());
  CAF_REQUIRE_EQUAL(ledger.size(), 1u);
  CAF_CHECK_EQUAL(ledger.front().row.sealed_seq, 4u);
  CAF_CHECK_EQUAL(jsons_of(must(writer->unsealed(log.key, ledger.front().runs))), log.range(5, 7));
  must_be_sound();
}

CAF_TEST(rows that are sealed after the ledger was read are not unsealed events) {
  auto log = made("sess_a", 6);
  reopen();
  const auto ledger = must(writer->scan());
  commit_one(log.seal({{1, 4}}));
  CAF_CHECK_EQUAL(jsons_of(must(writer->unsealed(log.key, ledger.front().runs))), log.range(5, 6));
  commit_one(log.seal({{5, 6}}));
  CAF_CHECK(must(writer->unsealed(log.key, ledger.front().runs)).empty());
}

CAF_TEST(events may be appended and sealed in one commit) {
  auto log = made("sess_a", 1);
  const auto append = log.append(4);
  const auto seal = log.seal({{1, 5}});
  const auto more = log.append(2);
  for (const auto& o : commit({append, seal, more})) CAF_CHECK(o.error.code == errc::none);
  CAF_CHECK_EQUAL(read_all(log), log.range(1, 5));
  reopen();
  CAF_CHECK_EQUAL(copied(must(writer->scan()).front().progress.tip.last_seq), 7u);
  must_be_sound();
}

CAF_TEST(blocks that do not follow are refused alone) {
  auto log = made("sess_a", 6);
  CAF_CHECK(error_of(log.seal({{2, 3}})) == errc::internal);
  CAF_CHECK(error_of(log.seal({{1, 2}, {4, 6}})) == errc::internal);
  CAF_CHECK(error_of(log.seal({})) == errc::internal);
  CAF_CHECK(read_all(log).empty());
  commit_one(log.seal({{1, 3}}));
  CAF_CHECK(error_of(log.seal({{1, 3}})) == errc::internal);
  CAF_CHECK_EQUAL(read_all(log), log.range(1, 3));
  test_log nobody = log;
  nobody.key = 4711;
  CAF_CHECK(error_of(nobody.seal({{4, 6}})) == errc::not_found);
}

CAF_TEST(the header that a seal brings is written) {
  auto log = made("sess_a");
  auto op = log.append(0);
  op.events.push_back(log.make("session.status_running"));
  commit({op, log.append(2)});
  commit_one(log.seal({{1, 3}}));
  CAF_CHECK(row_of(log).header.progress == log.header.progress);
}

CAF_TEST(a seal with an older header does not set the row back) {
  auto log = made("sess_a", 2);
  const auto seal = log.seal({{1, 2}});  // its header is as of event 2
  auto op = log.append(0);
  op.events.push_back(log.make("session.status_running"));
  op.header = log.shared_header();
  commit({op, seal});
  CAF_CHECK(row_of(log).header.progress.status == session_status::running);
  CAF_CHECK_EQUAL(row_of(log).sealed_seq, 2u);
  reopen();
  const auto ledger = must(writer->scan());
  CAF_CHECK_EQUAL(ledger.front().progress.tip.last_seq, 3u);
  CAF_CHECK(ledger.front().progress == log.header.progress);
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

CAF_TEST(rows are trimmed from the front up to the bound given) {
  auto a = made("sess_a", 30);
  auto b = made("sess_b", 5);
  commit_one(a.seal({{1, 30}}));
  const auto first_of_b = must(writer->next_row()) - 5;
  std::int64_t rows = 0;
  int steps = 0;
  for (bool more = true; more; ++steps) {
    const auto report = must(writer->trim(first_of_b, 1000));
    CAF_CHECK_LESS_OR_EQUAL(report.rows, 6);  // of about 200 bytes
    rows += report.rows;
    more = report.more;
  }
  CAF_CHECK_EQUAL(rows, 30);
  CAF_CHECK_GREATER_OR_EQUAL(steps, 5);
  CAF_CHECK_EQUAL(must(writer->trim(first_of_b, 1000)).rows, 0);
  reopen();
  const auto ledger = must(writer->scan());
  CAF_REQUIRE_EQUAL(ledger.size(), 1u);
  CAF_CHECK_EQUAL(jsons_of(must(writer->unsealed(b.key, ledger.front().runs))), b.jsons);
  CAF_CHECK_EQUAL(read_all(a), a.jsons);
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
  CAF_CHECK_EQUAL(copied(must(writer->scan()).front().progress.tip.last_seq), 11u);
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
  CAF_CHECK_EQUAL(failed, "");
  CAF_CHECK_EQUAL(read_all(log), log.jsons);
  must_be_sound();
}

CAF_TEST_FIXTURE_SCOPE_END()

}  // namespace sealing_contract
