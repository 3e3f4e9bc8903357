// SPDX-License-Identifier: Apache-2.0
// Sessions whose seal was not stored, and when each may be asked for another: after a second, then after
// twice as long each time, a minute at most. Plain data structure of a store's writer.
#pragma once

#include "persistence/records.hpp"

#include <chrono>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sandbase {

class failed_seals {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// One of its seals failed. What fails by itself while it is put off does not put it off for longer.
  void add(session_key session);
  /// It was sealed, or nobody is there to be asked.
  void forget(session_key session);
  /// Whether it is not to be asked now.
  bool is_put_off(session_key session) const;
  /// Those that may be asked again, each once until its next seal fails. Time is measured from the first call
  /// behind a failure on.
  std::vector<session_key> take_due(time_point now);

 private:
  struct entry {
    int failures = 0;
    bool is_put_off = false;
    std::optional<time_point> until;
  };

  std::unordered_map<session_key, entry> all_;
  /// Put off, but not yet until when.
  std::vector<session_key> fresh_;
  std::set<std::pair<time_point, session_key>> waiting_;
};

}  // namespace sandbase
