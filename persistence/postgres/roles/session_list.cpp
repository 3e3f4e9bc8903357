// SPDX-License-Identifier: Apache-2.0
// List Sessions: a walk along an index, some rows at a time, and which of them a session_query lets through.
#include "events/session/session_resources.hpp"
#include "persistence/postgres/roles/reader.hpp"
#include "persistence/postgres/tables/session_table.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <unordered_map>

namespace sandbase::postgres {

namespace {

constexpr int first_step = 32;
constexpr int largest_step = 512;

/// What an index bounds. Numbers stand in the text (they are ours), so that the planner sees them; the one
/// text from outside is $1.
std::string conditions(const session_query& q, const std::optional<session_place>& after) {
  auto sql = fmt::format("workspace = {}", q.workspace);
  const auto bound = [&](const char* op, const std::optional<timestamp>& t) {
    if (t) sql += fmt::format(" AND created_at {} {}", op, t->time_since_epoch().count());
  };
  if (!q.agent_id.empty()) sql += " AND agent_id = $1::bytea";
  if (!q.include_archived) sql += " AND archived_at IS NULL";
  if (after)
    sql += fmt::format(" AND (created_at, key) {} ({}, {})", q.ascending ? ">" : "<",
                       after->created_at.time_since_epoch().count(), after->key);
  bound(">", q.created_gt);
  bound(">=", q.created_gte);
  bound("<", q.created_lt);
  bound("<=", q.created_lte);
  return sql;
}

/// Reads what is small; headers are loaded only of rows that may be shown.
class walk {
 public:
  walk(connection& db, const session_query& query) : db_(db), query_(query), after_(query.after) {}

  /// @returns false at the end
  bool next() {
    if (++at_ < found_.count()) return true;
    if (is_last_) return false;
    load_some();
    return found_.count() > 0;
  }
  session_place place() const { return {found_.time(at_, 1), found_.integer(at_, 0)}; }
  /// The row, if the query lets it through and it is still there.
  std::optional<session_row> load() {
    const auto found = headers_.find(found_.integer(at_, 0));
    if (found == headers_.end() || !passes(*found->second.header.definition)) return std::nullopt;
    return std::move(found->second);
  }

 private:
  void load_some() {
    const auto* direction = query_.ascending ? "ASC" : "DESC";
    found_ = db_.run(fmt::format("SELECT key, created_at, status, agent_version FROM sessions WHERE {} "
                                 "ORDER BY created_at {}, key {} LIMIT {}",
                                 conditions(query_, after_), direction, direction, step_),
                     query_.agent_id.empty() ? parameters{} : parameters{query_.agent_id});
    at_ = 0;
    is_last_ = found_.count() < step_;
    step_ = std::min(2 * step_, largest_step);
    headers_.clear();
    if (found_.count() == 0) return;
    std::vector<session_key> keys;
    for (at_ = 0; at_ < found_.count(); ++at_)
      if (passes()) keys.push_back(found_.integer(at_, 0));
    at_ = found_.count() - 1;
    after_ = place();
    at_ = 0;
    for (auto& row : load_sessions(db_, keys)) headers_.emplace(row.key, std::move(row));
  }

  bool passes() const {
    const auto has_status = [&](session_status s) { return found_.integer(at_, 2) == static_cast<int>(s); };
    return (query_.statuses.empty() || std::ranges::any_of(query_.statuses, has_status)) &&
           (!query_.agent_version || found_.integer(at_, 3) == *query_.agent_version);
  }
  bool passes(const session_definition& d) const {
    return (query_.deployment_id.empty() || d.deployment_id == query_.deployment_id) &&
           (query_.memory_store_id.empty() || has_memory_store(d, query_.memory_store_id));
  }

  connection& db_;
  const session_query& query_;
  std::optional<session_place> after_;
  rows found_;
  int at_ = -1;
  int step_ = first_step;
  bool is_last_ = false;
  std::unordered_map<session_key, session_row> headers_;
};

std::size_t stored_bytes(const session_row& row) {
  return row.header.definition->agent.size() + row.header.definition->resources.size() +
         sizeof(pending_tool_use) * row.header.progress.pending.size();
}

}  // namespace

session_page list_sessions(connection& db, const session_query& query, const std::function<bool()>& enough) {
  walk all{db, query};
  session_page page;
  std::size_t bytes = 0;
  while (all.next()) {
    auto row = all.load();
    if (page.rows.size() == query.limit) {  // what stands behind it matters only as far as it is there
      page.more = row || enough();
      if (page.more) return page;
      continue;
    }
    if (row) {
      bytes += stored_bytes(*row);
      page.rows.push_back(*std::move(row));
    }
    page.reached = all.place();
    page.more = enough() || bytes >= query.max_bytes;
    if (page.more) return page;
  }
  return page;
}

}  // namespace sandbase::postgres
