// SPDX-License-Identifier: Apache-2.0
#include "http/stream/watch_filter.hpp"

namespace sandbase {

void watch_filter::remember(const std::string& id) {
  if (shown_.size() < max_remembered) shown_.insert(id);
}

/// Pages of List Sessions may have shown it to the client, who did not see it change yet: then it passed by
/// what can have changed since.
bool watch_filter::may_have_been_shown(const session_summary& s) const {
  if (shown_.size() >= max_remembered) return true;
  if (!older_than_list_ || s.created_at > *older_than_list_ || hidden_.contains(s.id)) return false;
  auto lasting = query_;
  lasting.statuses.clear();
  lasting.agent_version.reset();
  lasting.include_archived = true;
  return shows(lasting, s);
}

bool watch_filter::passes(const board_entry& change) {
  const auto& s = change.summary;
  if (!change.is_deleted && shows(query_, s)) {
    hidden_.erase(s.id);
    remember(s.id);
    return true;
  }
  const bool was_shown = shown_.erase(s.id) > 0 || may_have_been_shown(s);
  if (change.is_deleted)
    hidden_.erase(s.id);
  else if (hidden_.size() < max_remembered)
    hidden_.insert(s.id);
  return was_shown;
}

}  // namespace sandbase
