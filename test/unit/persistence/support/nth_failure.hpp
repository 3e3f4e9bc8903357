// SPDX-License-Identifier: Apache-2.0
// SQLite's way of testing: the 1st, 2nd, 3rd … call to the disk fails, until each has.
#pragma once

#include "test/simulation/disk/sim_disk.hpp"
#include "test/unit/persistence/support/store_script.hpp"
#include "test/unit/support/temp_dir.hpp"
#include "test/unit/support/test.hpp"

namespace sandbase::test {

/// Which calls fail, and how.
struct failing {
  sim::disk_request kind{};
  sim::disk_fault fault{};
  bool from_then_on = false;
};

struct nth_failure_fixture {
  temp_dir folder;
  /// The 1st, 2nd, … of these calls in the script fails: until the script comes to its end without.
  void run_all(const failing& f) {
    std::uint64_t tried = 0, problems = 0;
    told_to_end_ = 0;
    bool struck = true;
    for (std::uint64_t n = 0; struck; ++n, ++tried) {
      struck = false;
      const auto wrong = run(f, n, struck);
      if (wrong.empty()) continue;
      ++problems;
      CAF_MESSAGE("call " << n << ": " << wrong);
    }
    CAF_MESSAGE(tried << " runs, " << told_to_end_ << " ended by the store");
    CAF_CHECK_GREATER(tried, 3u);
    CAF_CHECK_EQUAL(problems, 0u);
    check_what_was_told(f, tried);
  }

  std::string run(const failing& f, std::uint64_t n, bool& struck) {
    sim::sim_disk disk{n + 1};
    witnessed_store store{folder.file("store.db")};
    disk.fault = [&](const sim::disk_operation& o) {
      if (o.kind != f.kind || o.number < n || (o.number > n && !f.from_then_on)) return sim::disk_fault::none;
      struck = true;
      return f.fault;
    };
    store_script{store}.run();
    told_to_end_ += store.was_told_to_end() ? 1 : 0;
    disk.fault = nullptr;
    // Both of what may have become of the machine since.
    if (n % 2 == 0)
      disk.power_cut();
    else
      disk.restart();
    return store.verify();
  }

 private:
  /// What cannot be tried again is told as such, and nothing else is.
  void check_what_was_told(const failing& f, std::uint64_t tried) {
    if (f.fault == sim::disk_fault::io_error || f.kind == sim::disk_request::sync)
      CAF_CHECK_GREATER(told_to_end_, tried / 4);
    else
      CAF_CHECK_EQUAL(told_to_end_, 0u);
  }

  /// Runs.
  std::uint64_t told_to_end_ = 0;
};

inline constexpr bool once = false, from_then_on = true;

}  // namespace sandbase::test
