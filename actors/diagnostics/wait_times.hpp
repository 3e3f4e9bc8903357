// SPDX-License-Identifier: Apache-2.0
// How long what an actor has asked others for has been waiting for its answer.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <set>

namespace sandbase {

/// Of the clock of actors. One actor's.
class wait_times {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  /// Of one that waits.
  using place = std::multiset<time_point>::const_iterator;

  place begin(time_point now) { return all_.insert(now); }
  /// @pre `p` came from begin(), once
  void end(place p) { all_.erase(p); }
  std::size_t size() const { return all_.size(); }
  bool empty() const { return all_.empty(); }
  /// Since when the oldest waits; `now` if none does.
  time_point oldest(time_point now) const { return all_.empty() ? now : *all_.begin(); }

 private:
  std::multiset<time_point> all_;
};

/// What a status page shows of a wait.
inline std::int64_t wait_ms(wait_times::time_point since, wait_times::time_point now) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(now - since).count();
}

}  // namespace sandbase
