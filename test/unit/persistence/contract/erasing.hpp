// SPDX-License-Identifier: Apache-2.0
// Store contract: an erased event is shown as its tombstone by every way of reading, and every head still
// holds.
#pragma once

#include "test/unit/persistence/support/store_fixture.hpp"

namespace erasing_contract {

using namespace sandbase;
using namespace sandbase::test;

// Of another store in each suite.
namespace {
struct erasing_fixture : store_fixture<store_factory> {
  /// What is read by each way, from the first event on.
  void check_reads(test_log& log, seq_t sealed) {
    CAF_CHECK_EQUAL(read_all(log), log.range(1, sealed));
    if (sealed > 0)
      CAF_CHECK_EQUAL(jsons_of(must(reader->read_back(log.key, 1, sealed + 1, 1 << 30))),
                      log.range(1, sealed));
    CAF_CHECK_EQUAL(unsealed_of(log), log.range(sealed + 1, log.last()));
    std::vector<std::string> exported;
    digest head{};
    must(must(factory.backend().open_admin())->each_slice(log.key, 0, 1 << 30, [&](const log_slice& slice) {
      for (const auto& span : slice.spans)
        for (auto seq = span.first; seq <= span.last; ++seq) {
          exported.emplace_back(span.block->json(seq));
          head = next_head(head, span.block->proof(seq).leaf_of(exported.back()));
          CAF_CHECK(span.block->proof(seq) == log.proofs[seq - 1]);
        }
      return true;
    }));
    CAF_CHECK_EQUAL(exported, log.jsons);
    CAF_CHECK(head == log.header.progress.tip.head);
    const auto found = recovered(log);
    CAF_CHECK(found.header.progress.tip == log.header.progress.tip);
    CAF_CHECK(found.header.progress.pending == log.header.progress.pending);
    must_be_sound();
  }
};
}  // namespace

CAF_TEST_FIXTURE_SCOPE(erasing_contract, erasing_fixture)

CAF_TEST(an unsealed event is erased) {
  auto log = made("sess_a", 5);
  commit_one(log.erase(3));
  check_reads(log, 0);
  reopen();
  check_reads(log, 0);
  claim(log);
  commit_one(log.seal({{1, 4}, {5, 6}}));
  check_reads(log, 6);
}

CAF_TEST(a sealed event is erased) {
  auto log = made("sess_a", 7);
  commit_one(log.seal({{1, 2}, {3, 5}}));
  for (const seq_t seq : {1u, 4u, 5u}) {
    commit_one(log.erase(seq));
    check_reads(log, 5);
  }
  reopen();
  check_reads(log, 5);
}

CAF_TEST(what somebody has read and still holds is not what others are shown) {
  auto log = made("sess_a", 4);
  commit_one(log.seal({{1, 4}}));
  const auto held = must(reader->read(log.key, 0, max_told_seq, 1 << 30));
  const auto before = jsons_of(held);
  commit_one(log.erase(2));
  CAF_CHECK_EQUAL(jsons_of(held), before);
  check_reads(log, 4);
}

CAF_TEST(erased events are found by their ids and their types) {
  auto log = made("sess_a");
  auto op = log.append(2);
  log.add(op, log.make("acme.step", 200, "own_3"));
  op.foreign_ids.emplace_back("own_3", 3);
  commit_one(op);
  commit_one(log.seal({{1, 3}}));
  commit_one(log.erase(3));
  CAF_CHECK(must(reader->find_event(log.key, "own_3")) == seq_t{3});
  const auto found = must(reader->search(log.key, {0, 3}, {{"acme.step"}, {}}, [] { return false; }));
  CAF_CHECK(found.found);
  CAF_CHECK_EQUAL(found.reached, 2u);
  must_be_sound();
}

CAF_TEST(what is not there cannot be erased and costs only its append) {
  auto a = made("sess_a", 3);
  auto b = made("sess_b", 1);
  auto beyond = a;
  auto op = beyond.erase(2);
  op.erases->seq = 9;
  const auto outcomes = commit({op, b.append(1)});
  CAF_CHECK(outcomes[0].error.code == errc::corrupt);
  CAF_CHECK(outcomes[1].error.code == errc::none);
  check_reads(a, 0);
}

CAF_TEST(a writer that was replaced erases nothing) {
  auto log = made("sess_a", 3);
  auto late = log;
  claim(log);
  CAF_CHECK(error_of(late.erase(2)) == errc::fenced);
  check_reads(log, 0);
}

CAF_TEST_FIXTURE_SCOPE_END()

}  // namespace erasing_contract
