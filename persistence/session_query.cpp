// SPDX-License-Identifier: Apache-2.0
#include "persistence/session_query.hpp"

#include <algorithm>

namespace sandbase {

bool shows(const session_query& q, const session_summary& s) {
  const auto has = [](const auto& all, const auto& one) { return std::ranges::count(all, one) > 0; };
  return (q.statuses.empty() || has(q.statuses, s.status)) &&
         (q.agent_id.empty() || q.agent_id == s.agent_id) &&
         (!q.agent_version || *q.agent_version == s.agent_version) &&
         (q.deployment_id.empty() || s.deployment_id == q.deployment_id) &&
         (q.memory_store_id.empty() || has(s.memory_stores, q.memory_store_id)) &&
         (q.include_archived || !s.archived_at) && (!q.created_gt || s.created_at > *q.created_gt) &&
         (!q.created_gte || s.created_at >= *q.created_gte) &&
         (!q.created_lt || s.created_at < *q.created_lt) &&
         (!q.created_lte || s.created_at <= *q.created_lte);
}

}  // namespace sandbase
