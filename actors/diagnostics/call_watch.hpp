// SPDX-License-Identifier: Apache-2.0
// How long the oldest of what an actor has to do whose calls of the store block has been waiting: as long as
// it is in one, it can answer nobody who asks.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace sandbase {

/// Written by the actor's thread, read by any.
class call_watch {
 public:
  using clock = std::chrono::steady_clock;
  using time_point = clock::time_point;

  /// `now`: the clock that arrivals are told by. Any thread calls it.
  explicit call_watch(std::function<time_point()> now = clock::now) : now_(std::move(now)) {}

  /// Something waits that was asked for then. What is collected for a call is told before the call begins.
  void arrived(time_point asked) { collected_ = std::min(collected_.load(), asked); }

  /// A call of the store; it ends with the guard. One at a time.
  class guard {
   public:
    /// For all that was collected.
    explicit guard(call_watch& watch) : guard(watch, watch.collected_) { watch.collected_ = nothing; }
    /// For what was asked for then; what is collected goes on waiting.
    guard(call_watch& watch, time_point asked) : watch_(watch) {
      watch.calling_ = std::min(watch.now_(), asked);
    }
    guard(const guard&) = delete;
    guard& operator=(const guard&) = delete;
    ~guard() { watch_.calling_ = nothing; }

   private:
    call_watch& watch_;
  };

  /// Zero if nothing waits.
  clock::duration lasts() const {
    // In this order: a call begins before what it is for is no longer collected.
    const auto collected = collected_.load();
    const auto since = std::min(collected, calling_.load());
    return since == nothing ? clock::duration::zero() : std::max(now_() - since, clock::duration::zero());
  }

 private:
  static constexpr time_point nothing = time_point::max();

  const std::function<time_point()> now_;
  std::atomic<time_point> collected_{nothing};
  std::atomic<time_point> calling_{nothing};
};

using call_watches = std::vector<std::shared_ptr<const call_watch>>;
/// Of the one where the oldest waits.
inline call_watch::clock::duration lasts(const call_watches& all) {
  auto longest = call_watch::clock::duration::zero();
  for (const auto& one : all) longest = std::max(longest, one->lasts());
  return longest;
}

}  // namespace sandbase
