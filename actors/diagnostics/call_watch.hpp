// SPDX-License-Identifier: Apache-2.0
// How long an actor whose calls of the store block has been in the one that it is in: as long as it is, it
// can answer nobody who asks.
#pragma once

#include <atomic>
#include <chrono>

namespace sandbase {

/// Written by the actor's thread, read by any.
class call_watch {
 public:
  using clock = std::chrono::steady_clock;

  /// A call of the store begins; it ends with the guard. One at a time.
  class guard {
   public:
    explicit guard(call_watch& watch) : watch_(watch) { watch_.since_ = clock::now().time_since_epoch(); }
    guard(const guard&) = delete;
    guard& operator=(const guard&) = delete;
    ~guard() { watch_.since_ = clock::duration::zero(); }

   private:
    call_watch& watch_;
  };

  /// Zero if it is in none.
  clock::duration lasts() const {
    const auto since = since_.load();
    return since == clock::duration::zero() ? since : clock::now().time_since_epoch() - since;
  }

 private:
  std::atomic<clock::duration> since_{clock::duration::zero()};
};

}  // namespace sandbase
