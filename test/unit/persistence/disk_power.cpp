// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE disk_power
#include "test/unit/persistence/support/power_loop.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

constexpr int deaths_in_a_row = 6;

struct totals {
  int damaged = 0;
  int lost = 0;
  int kept = 0;
  std::int64_t transactions = 0;
};

struct power_fixture {
  totals run(const power_loop::settings& settings, std::uint64_t seeds) {
    totals all;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      const auto r = power_loop{seed, settings}.run(deaths_in_a_row);
      all.damaged += r.damage.empty() ? 0 : 1;
      all.lost += r.lost;
      all.kept += r.kept;
      all.transactions += r.transactions;
      if (!r.damage.empty() && settings.synchronous != "OFF")
        CAF_MESSAGE("seed " << seed << ", death " << r.deaths << ": " << r.damage);
    }
    CAF_MESSAGE(settings.journal_mode << " " << settings.synchronous << ": " << all.transactions
                                      << " transactions, " << all.kept << " more in flight were kept, "
                                      << all.lost << " lost, " << all.damaged << " databases damaged");
    return all;
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(disk_power, power_fixture)

CAF_TEST(what is committed with full syncs outlives every power cut) {
  for (const auto* mode : {"WAL", "DELETE", "TRUNCATE"}) {
    const auto all = run({mode, "FULL", true}, 300);
    CAF_CHECK_EQUAL(all.damaged, 0);
    // The removal of a journal is a commit, and the folder is only synced if SQLite is set to EXTRA.
    if (mode == std::string{"DELETE"}) continue;
    CAF_CHECK_EQUAL(all.lost, 0);
    CAF_CHECK_GREATER(all.kept, 0);
  }
}

CAF_TEST(a log that is synced late loses its end but nothing else) {
  const auto all = run({"WAL", "NORMAL", true}, 300);
  CAF_CHECK_EQUAL(all.damaged, 0);
  CAF_CHECK_GREATER(all.lost, 0);
}

CAF_TEST(without syncs a power cut is found to do damage) {
  for (const auto* mode : {"WAL", "DELETE"}) CAF_CHECK_GREATER(run({mode, "OFF", true}, 100).damaged, 0);
}

CAF_TEST(without syncs nothing is lost when only the process dies) {
  const auto all = run({"WAL", "OFF", false}, 100);
  CAF_CHECK_EQUAL(all.damaged, 0);
  CAF_CHECK_EQUAL(all.lost, 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
