// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE memory_races
#include "test/unit/persistence/support/memory_race.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

/// What was seen in all of them; a seed that goes wrong is told.
memory_race::tally run_all(std::uint64_t seeds, bool with_failovers) {
  memory_race::tally all;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    memory_race race{seed, with_failovers};
    const auto wrong = race.run(80);
    if (!wrong.empty()) CAF_FAIL("seed " << seed << ": " << wrong);
    all.stored += race.seen().stored;
    all.unknown += race.seen().unknown;
    all.landed_later += race.seen().landed_later;
    all.fenced += race.seen().fenced;
    all.lost += race.seen().lost;
  }
  return all;
}

}  // namespace

CAF_TEST(nodes that fail at random make one chain of what they acknowledged) {
  const auto all = run_all(150, false);
  CAF_CHECK_GREATER(all.stored, 1'000);
  CAF_CHECK_GREATER(all.unknown, 500);
  CAF_CHECK_GREATER(all.landed_later, 100);
  CAF_CHECK_GREATER(all.fenced, 500);
}

CAF_TEST(it stays one chain when the database loses what it had committed) {
  const auto all = run_all(150, true);
  CAF_CHECK_GREATER(all.stored, 1'000);
  CAF_CHECK_GREATER(all.lost, 100);
  CAF_CHECK_GREATER(all.fenced, 500);
}
