// SPDX-License-Identifier: Apache-2.0
// List Sessions: a walk by creation over those that a query may show.
#include "events/session/session_resources.hpp"
#include "test/memory_store/log_reading.hpp"

#include <algorithm>

namespace sandbase::memory {

namespace {

/// Whether the walk looks at the row at all.
bool is_walked(const session_query& q, const session_row& row) {
  const auto& d = *row.header.definition;
  const auto place = place_of(row);
  const auto at = d.created_at;
  return row.workspace == q.workspace && (q.agent_id.empty() || d.agent_id == q.agent_id) &&
         (q.include_archived || !d.archived_at) &&
         (!q.after || (q.ascending ? place > *q.after : place < *q.after)) &&
         (!q.created_gt || at > *q.created_gt) && (!q.created_gte || at >= *q.created_gte) &&
         (!q.created_lt || at < *q.created_lt) && (!q.created_lte || at <= *q.created_lte);
}

bool is_shown(const session_query& q, const session_row& row) {
  const auto& d = *row.header.definition;
  return (q.statuses.empty() || std::ranges::count(q.statuses, row.header.progress.status) != 0) &&
         (!q.agent_version || d.agent_version == *q.agent_version) &&
         (q.deployment_id.empty() || d.deployment_id == q.deployment_id) &&
         (q.memory_store_id.empty() || has_memory_store(d, q.memory_store_id));
}

std::size_t header_bytes(const session_row& row) {
  const auto& [definition, progress] = row.header;
  return definition->agent.size() + definition->resources.size() +
         progress.pending.size() * sizeof(pending_tool_use);
}

/// With the end of its log, which may be beyond what its header knows.
session_row with_end(const tables& rows, session_row row) {
  const auto& end = rows.tips.at(row.key).end;
  auto& tip = row.header.progress.tip;
  if (end.last_seq > tip.last_seq) tip = end;
  return row;
}

}  // namespace

session_page list_sessions(const tables& rows, const session_query& query,
                           const std::function<bool()>& enough) {
  std::vector<std::shared_ptr<const session_row>> walk;
  for (const auto& [key, row] : rows.sessions)
    if (is_walked(query, *row)) walk.push_back(row);
  std::ranges::sort(walk, [&](const auto& x, const auto& y) {
    return query.ascending ? place_of(*x) < place_of(*y) : place_of(*y) < place_of(*x);
  });

  session_page page;
  std::size_t bytes = 0;
  for (const auto& row : walk) {
    const bool shown = is_shown(query, *row);
    if (page.rows.size() == query.limit) {
      // Full: only whether one more would follow is still of interest.
      page.more = shown || enough();
      if (page.more) return page;
      continue;
    }
    if (shown) {
      bytes += header_bytes(*row);
      page.rows.push_back(with_end(rows, *row));
    }
    page.reached = place_of(*row);
    page.more = enough() || bytes >= query.max_bytes;
    if (page.more) return page;
  }
  return page;
}

}  // namespace sandbase::memory
