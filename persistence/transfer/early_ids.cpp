// SPDX-License-Identifier: Apache-2.0
#include "persistence/transfer/early_ids.hpp"

#include <algorithm>

namespace sandbase {

void early_ids::note(seq_t place, std::string_view id) {
  if (!knows(place)) return;
  ids_.emplace(place, id);
  if (ids_.size() <= max_count) return;
  horizon_ = ids_.rbegin()->first;
  ids_.erase(horizon_);
}

bool early_ids::repeats(seq_t place, std::string_view id) {
  const auto [first, last] = ids_.equal_range(place);
  const bool found = std::any_of(first, last, [&](const auto& early) { return early.second == id; });
  ids_.erase(ids_.begin(), last);
  return found;
}

}  // namespace sandbase
