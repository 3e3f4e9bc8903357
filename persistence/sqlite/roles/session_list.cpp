// SPDX-License-Identifier: Apache-2.0
// List Sessions: a walk along an index, and which rows of it a session_query lets through.
#include "events/session/session_resources.hpp"
#include "persistence/sqlite/roles/reader.hpp"
#include "persistence/sqlite/tables/session_table.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase::sqlite {

namespace {

/// The narrowest index; SQLite must not choose another, which could mean to sort all of a workspace.
std::string_view index_for(const session_query& q) {
  if (q.agent_id.empty()) return q.include_archived ? "sessions_by_creation" : "sessions_open_by_creation";
  return q.include_archived ? "sessions_by_agent" : "sessions_open_by_agent";
}

/// What that index bounds. Numbers stand in the text (they are ours); the one text from outside is ?1.
std::string conditions(const session_query& q) {
  auto sql = fmt::format("workspace={}", q.workspace);
  const auto bound = [&](const char* op, const std::optional<timestamp>& t) {
    if (t) sql += fmt::format(" AND created_at{}{}", op, t->time_since_epoch().count());
  };
  if (!q.agent_id.empty()) sql += " AND agent_id=?1";
  if (!q.include_archived) sql += " AND archived_at IS NULL";
  if (q.after)
    sql += fmt::format(" AND (created_at, key){}({}, {})", q.ascending ? ">" : "<",
                       q.after->created_at.time_since_epoch().count(), q.after->key);
  bound(">", q.created_gt);
  bound(">=", q.created_gte);
  bound("<", q.created_lt);
  bound("<=", q.created_lte);
  return sql;
}

/// Reads what is small; a row's header is loaded only if it is to be shown.
class walk {
 public:
  walk(connection& db, const session_query& query)
      : db_(db), query_(query), rows_(db.prepare(select(query))) {
    if (!query.agent_id.empty()) rows_.bind(query.agent_id);
  }

  /// @returns false at the end
  bool next() { return rows_.step(); }
  session_place place() const { return {rows_.time(1), rows_.integer(0)}; }
  /// The row, if the query lets it through.
  std::optional<session_row> load() const {
    if (!passes()) return std::nullopt;
    auto row = load_session(db_, rows_.integer(0));
    return row && passes(*row->header.definition) ? row : std::nullopt;
  }

 private:
  /// Columns that no filter asks for are not read: the index alone has the others.
  static std::string select(const session_query& q) {
    const auto* direction = q.ascending ? "" : " DESC";
    return fmt::format(
        "SELECT key, created_at, {}, {} FROM sessions INDEXED BY {} WHERE {} ORDER BY created_at{}, key{}",
        q.statuses.empty() ? "NULL" : "status", q.agent_version ? "agent_version" : "NULL", index_for(q),
        conditions(q), direction, direction);
  }
  bool passes() const {
    const auto has_status = [&](session_status s) { return rows_.integer(2) == static_cast<int>(s); };
    return (query_.statuses.empty() || std::ranges::any_of(query_.statuses, has_status)) &&
           (!query_.agent_version || rows_.integer(3) == *query_.agent_version);
  }
  bool passes(const session_definition& d) const {
    return (query_.deployment_id.empty() || d.deployment_id == query_.deployment_id) &&
           (query_.memory_store_id.empty() || has_memory_store(d, query_.memory_store_id));
  }

  connection& db_;
  const session_query& query_;
  statement rows_;
};

std::size_t stored_bytes(const session_row& row) {
  return row.header.definition->agent.size() + row.header.definition->resources.size() +
         sizeof(pending_tool_use) * row.header.progress.pending.size();
}

}  // namespace

session_page list_sessions(connection& db, const session_query& query, const std::function<bool()>& enough) {
  const snapshot view{db};
  walk rows{db, query};
  session_page page;
  std::size_t bytes = 0;
  while (rows.next()) {
    auto row = rows.load();
    if (page.rows.size() == query.limit) {  // what stands behind it matters only as far as it is there
      page.more = row || enough();
      if (page.more) return page;
      continue;
    }
    if (row) {
      bytes += stored_bytes(*row);
      page.rows.push_back(*std::move(row));
    }
    page.reached = rows.place();
    page.more = enough() || bytes >= query.max_bytes;
    if (page.more) return page;
  }
  return page;
}

}  // namespace sandbase::sqlite
