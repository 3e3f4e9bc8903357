// SPDX-License-Identifier: Apache-2.0
// The clock that dates events: one object a node, so that nodes with clocks of their own can live in one
// process.
#pragma once

#include "events/base/timestamp.hpp"

#include <atomic>
#include <chrono>

namespace sandbase {

/// Any thread.
class wall_clock {
 public:
  wall_clock() = default;
  wall_clock(const wall_clock&) = delete;
  wall_clock& operator=(const wall_clock&) = delete;
  virtual ~wall_clock() = default;

  timestamp now() const { return read() + offset_.load(std::memory_order_relaxed); }
  /// Goes by so much ahead of what it reads, as another clock does that counts for more.
  void set_offset(std::chrono::milliseconds offset) { offset_.store(offset, std::memory_order_relaxed); }
  /// By so much more, or less.
  void turn(std::chrono::milliseconds by) { set_offset(offset_.load(std::memory_order_relaxed) + by); }

 private:
  virtual timestamp read() const { return system_now(); }

  std::atomic<std::chrono::milliseconds> offset_{};
};

}  // namespace sandbase
