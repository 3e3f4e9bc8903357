// SPDX-License-Identifier: Apache-2.0
// How long the oldest commit has been waiting for the disk: a journal that waits for it can answer nobody who
// asks.
#pragma once

#include <atomic>
#include <chrono>

namespace sandbase {

/// Written by the journal's thread, read by any.
class commit_watch {
 public:
  using clock = std::chrono::steady_clock;

  /// A call of the store begins; it ends with the guard.
  class guard {
   public:
    explicit guard(commit_watch& watch) : watch_(watch) { watch_.since_ = clock::now().time_since_epoch(); }
    guard(const guard&) = delete;
    guard& operator=(const guard&) = delete;
    ~guard() { watch_.since_ = clock::duration::zero(); }

   private:
    commit_watch& watch_;
  };

  /// Zero if nothing waits.
  clock::duration oldest_wait() const {
    const auto since = since_.load();
    return since == clock::duration::zero() ? since : clock::now().time_since_epoch() - since;
  }

 private:
  std::atomic<clock::duration> since_{clock::duration::zero()};
};

}  // namespace sandbase
