// SPDX-License-Identifier: Apache-2.0
// What another node does for a session, which may take longer than the session lasts here. A plain value of
// its actor.
#pragma once

#include "actors/diagnostics/wait_times.hpp"
#include "events/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

namespace sandbase {

class handed_over {
 public:
  using time_point = wait_times::time_point;
  /// Tells whoever waits that it has come to nothing.
  using fail_fn = std::function<void(const failure&)>;

  /// @returns its number
  std::uint64_t begin(time_point now, fail_fn fail) {
    all_.emplace(++last_, one{now, std::move(fail)});
    return last_;
  }
  /// Its answer has come. @returns whether somebody waits for it
  bool end(std::uint64_t number) { return all_.erase(number) > 0; }
  /// Nobody waits any more.
  void give_up(const failure& why) {
    for (const auto& [number, o] : std::exchange(all_, {})) o.fail(why);
  }
  bool empty() const { return all_.empty(); }
  std::size_t size() const { return all_.size(); }
  /// Since when the oldest waits; `now` if none does.
  time_point oldest(time_point now) const { return all_.empty() ? now : all_.begin()->second.since; }

 private:
  struct one {
    time_point since;
    fail_fn fail;
  };
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, one> all_;
};

}  // namespace sandbase
