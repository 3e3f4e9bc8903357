// SPDX-License-Identifier: Apache-2.0
// A bound on how many requests all sessions of a node remember together for the retries of SDKs.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace sandbase {

/// Beyond the bound the oldest are void, whoever keeps them: they let go of them when they next look. Any
/// thread; times are rounded to a sixteenth of a second.
class try_account {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr std::int64_t default_limit = 100'000;

  explicit try_account(std::int64_t limit = default_limit) : limit_(limit) {}

  /// One more, from `t`. @pre none older than longest_memory is left
  void take(time_point t) {
    slot(t).fetch_add(1, std::memory_order_relaxed);
    if (used_.fetch_add(1, std::memory_order_relaxed) >= limit_) drop_oldest(number_of(t));
  }
  void give_back(time_point t) {
    if (is_void(t)) return;
    auto& n = slot(t);
    auto now = n.load(std::memory_order_relaxed);
    while (now > 0)
      if (n.compare_exchange_weak(now, now - 1, std::memory_order_relaxed)) {
        used_.fetch_sub(1, std::memory_order_relaxed);
        return;
      }
  }
  /// It fell out.
  bool is_void(time_point t) const { return number_of(t) < first_.load(std::memory_order_relaxed); }
  std::int64_t used() const { return used_.load(std::memory_order_relaxed); }

  static constexpr std::chrono::seconds longest_memory{240};

 private:
  static constexpr std::size_t slots = 4096;
  static constexpr std::chrono::microseconds slot_time{62'500};
  static_assert(slots * slot_time > longest_memory);

  static std::int64_t number_of(time_point t) { return t.time_since_epoch() / slot_time; }
  std::atomic<std::int32_t>& slot(std::int64_t number) {
    return slots_[static_cast<std::size_t>(number) % slots];
  }
  std::atomic<std::int32_t>& slot(time_point t) { return slot(number_of(t)); }

  void drop_oldest(std::int64_t now) {
    auto first = std::max(first_.load(std::memory_order_relaxed), now - static_cast<std::int64_t>(slots) + 1);
    for (; first <= now && used() > limit_; ++first)
      used_.fetch_sub(slot(first).exchange(0, std::memory_order_relaxed), std::memory_order_relaxed);
    auto known = first_.load(std::memory_order_relaxed);
    while (known < first && !first_.compare_exchange_weak(known, first, std::memory_order_relaxed)) {
    }
  }

  const std::int64_t limit_;
  std::atomic<std::int64_t> used_{0};
  /// Number of the first slot whose tries count.
  std::atomic<std::int64_t> first_{0};
  std::array<std::atomic<std::int32_t>, slots> slots_{};
};

/// One of them, until it is let go of.
class try_place {
 public:
  using time_point = try_account::time_point;

  try_place() = default;
  /// `all`: may be null, then there is no bound.
  try_place(std::shared_ptr<try_account> all, time_point at) : all_(std::move(all)), at_(at) {
    if (all_) all_->take(at_);
  }
  try_place(const try_place&) = delete;
  try_place& operator=(const try_place&) = delete;
  ~try_place() {
    if (all_) all_->give_back(at_);
  }

  time_point at() const { return at_; }
  bool is_void() const { return all_ && all_->is_void(at_); }

 private:
  std::shared_ptr<try_account> all_;
  time_point at_{};
};

}  // namespace sandbase
