// SPDX-License-Identifier: Apache-2.0
// Since when the answer that stalls longest on each io thread does: so that room is taken from the longest of
// all, whatever thread asks.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace sandbase {

/// Any thread. Times are those of the io threads, at most a tick old.
class stall_board {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// A place for one more io thread; beyond the last, threads share it.
  std::size_t join() { return std::min(threads_.fetch_add(1), since_.size() - 1); }
  /// time_point::max(): nobody stalls there.
  void tell(std::size_t thread, time_point since) {
    since_[thread].store(since.time_since_epoch().count(), std::memory_order_relaxed);
  }
  /// Whether nobody on another thread stalls since long before.
  bool is_longest(std::size_t thread, time_point since, std::chrono::milliseconds tolerance) const {
    const auto others = (since - tolerance).time_since_epoch().count();
    for (std::size_t i = 0; i < since_.size(); ++i)
      if (i != thread && since_[i].load(std::memory_order_relaxed) < others) return false;
    return true;
  }
  /// Bytes that are waited for, over all threads.
  std::atomic<std::int64_t> wanted{0};

 private:
  using ticks = time_point::rep;
  struct cell : std::atomic<ticks> {
    cell() : std::atomic<ticks>(time_point::max().time_since_epoch().count()) {}
  };
  std::array<cell, 64> since_;
  std::atomic<std::size_t> threads_{0};
};

}  // namespace sandbase
