// SPDX-License-Identifier: Apache-2.0
// Seeds one after another, in one process or several.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sandbase::sim {

struct run_options {
  std::uint64_t first_seed = 1;
  std::uint64_t runs = 100;
  /// 0: count runs.
  std::uint64_t seconds = 0;
  unsigned jobs = 1;
  /// Of the service. 0: drawn by the seed.
  std::size_t servers = 1;
  bool trace = false;
  bool twice = false;
};

/// Prints what was done, and of a broken promise the seed and the end of its trace.
/// @returns the process's exit status: 0 if every seed is clean
int run_seeds(const run_options& options);

}  // namespace sandbase::sim
