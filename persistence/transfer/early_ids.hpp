// SPDX-License-Identifier: Apache-2.0
// Ids of events that tell a later place than their own. The event at that place must not have the same id,
// and the store is no help there: it looks for an id that tells its place nowhere else.
#pragma once

#include "events/ids/event_id.hpp"

#include <cstddef>
#include <limits>
#include <map>
#include <string>
#include <string_view>

namespace sandbase {

/// Remembers a bounded number of them, those of the nearest places: ids of other services, whose places are
/// random numbers of 40 bits, then fill it without harm.
class early_ids {
 public:
  static constexpr std::size_t max_count = 10'000;

  /// An event in front of `place` has this id, which tells `place`.
  void note(seq_t place, std::string_view id);
  /// Whether of all that was noted for `place` nothing was forgotten.
  bool knows(seq_t place) const noexcept { return place < horizon_; }
  /// Whether the event at `place` repeats one. Forgets what was noted up to there: places only grow.
  bool repeats(seq_t place, std::string_view id);

  std::size_t count() const noexcept { return ids_.size(); }

 private:
  std::multimap<seq_t, std::string> ids_;
  /// From here on some are forgotten.
  seq_t horizon_ = std::numeric_limits<seq_t>::max();
};

}  // namespace sandbase
