// SPDX-License-Identifier: Apache-2.0
#include "actors/board/listed_workspace.hpp"

#include <utility>

namespace sandbase {

std::vector<session_news> listed_workspace::compare(workspace_key workspace, const session_list& list) {
  std::vector<session_news> news;
  std::unordered_map<std::string, state> now;
  for (const auto& [session, s] : list.summaries) {
    const auto before = seen_.find(s.id);
    const bool is_same = before != seen_.end() && before->second.session == session &&
                         before->second.updated_at == s.updated_at && before->second.last_seq == s.last_seq;
    if (!is_same) news.push_back({workspace, session, {}, false, false, s});
    now.emplace(s.id, state{session, s.created_at, s.updated_at, s.last_seq});
  }
  // One that is as old as the oldest listed may have been pushed out by younger ones.
  const auto is_listed_since = [&](timestamp created) {
    return !list.more || (!list.summaries.empty() && created > list.summaries.back().summary.created_at);
  };
  for (const auto& [id, was] : seen_) {
    if (now.contains(id) || !is_listed_since(was.created_at)) continue;
    session_news gone{workspace, was.session, {}, false, true, {}};
    gone.summary.id = id;
    gone.summary.created_at = was.created_at;
    news.push_back(std::move(gone));
  }
  seen_ = std::move(now);
  if (std::exchange(is_first_, false)) return {};
  return news;
}

}  // namespace sandbase
