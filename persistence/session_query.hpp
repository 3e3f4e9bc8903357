// SPDX-License-Identifier: Apache-2.0
// Which sessions a list shows, and one page of them.
#pragma once

#include "events/session/session_summary.hpp"
#include "persistence/records.hpp"

#include <compare>
#include <optional>
#include <string>
#include <vector>

namespace sandbase {

/// A place in a list of sessions. There need be no session at it.
struct session_place {
  timestamp created_at{};
  session_key key = 0;
  auto operator<=>(const session_place&) const = default;
};
inline session_place place_of(const session_row& row) { return {row.header.definition->created_at, row.key}; }

struct session_query {
  workspace_key workspace = 0;
  std::size_t limit = 20;
  /// About so many of headers: a page ends behind the row that reaches it.
  std::size_t max_bytes = std::size_t{1} << 30;
  /// By creation; newest first otherwise.
  bool ascending = false;
  /// Where the page begins: behind this in the page's direction.
  std::optional<session_place> after;
  /// Empty: all.
  std::vector<session_status> statuses;
  /// Empty: all.
  std::string agent_id;
  std::optional<std::int64_t> agent_version;
  /// Empty: all.
  std::string deployment_id;
  /// Empty: all. Else those with a resource that is this memory store.
  std::string memory_store_id;
  bool include_archived = false;
  std::optional<timestamp> created_gt, created_gte, created_lt, created_lte;
};

/// Whether a list of this query, a page of any length, has the session.
bool shows(const session_query& query, const session_summary& session);

struct session_page {
  std::vector<session_row> rows;
  /// Where to go on: everything up to here was looked at. Empty if there was nothing to look at.
  std::optional<session_place> reached;
  /// There may be more behind `reached`.
  bool more = false;
};

}  // namespace sandbase
