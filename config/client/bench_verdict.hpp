// SPDX-License-Identifier: Apache-2.0
// What a measurement of a service says: numbers, and what they mean in words.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace sandbase {

using milliseconds_f = std::chrono::duration<double, std::milli>;

/// The value that `share` (0 to 1) of the samples do not exceed; 0 of none. Sorts them.
milliseconds_f quantile(std::vector<milliseconds_f>& samples, double share);

struct bench_numbers {
  std::size_t clients = 0;
  /// Of a small GET: the way to the service and back.
  milliseconds_f round_trip{};
  /// Of a client that appends alone.
  milliseconds_f alone_p50{};
  /// Of all clients at once.
  double appends_per_second = 0;
  milliseconds_f append_p50{};
  milliseconds_f append_p99{};
  /// From sending an append to the frame at a follower.
  milliseconds_f live_p50{};
  milliseconds_f live_p99{};
  std::size_t live_frames = 0;
  std::size_t live_missing = 0;
  double replay_bytes_per_second = 0;
  /// What failed, a sentence each.
  std::vector<std::string> failures;
};

struct bench_verdict {
  bool is_good = true;
  /// What bounds the service, and what to look at.
  std::vector<std::string> sentences;
};

bench_verdict judge(const bench_numbers& numbers);

/// For people: the numbers, then the verdict.
std::string render_bench(const bench_numbers& numbers, const bench_verdict& verdict);
/// One JSON object.
std::string render_bench_json(const bench_numbers& numbers, const bench_verdict& verdict);

}  // namespace sandbase
