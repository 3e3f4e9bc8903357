// List Sessions: the query that a session_query stands for.
#include "persistence/sentence.hpp"
#include "persistence/sqlite/reader.hpp"
#include "persistence/sqlite/session_table.hpp"

#include <algorithm>

namespace sandbase::sqlite {

namespace {

/// The conditions as SQL. Numbers stand in the text (they are ours); the one text from outside is ?1.
std::string conditions(const session_query& q) {
  auto sql = sentence("workspace=", q.workspace);
  const auto bound = [&](const char* op, const std::optional<timestamp>& t) {
    if (t) sql += sentence(" AND created_at", op, t->time_since_epoch().count());
  };
  if (q.after)
    sql += sentence(" AND (created_at, key)", q.ascending ? ">" : "<", "(",
                    q.after->first.time_since_epoch().count(), ", ", q.after->second, ")");
  if (!q.statuses.empty()) {
    std::string numbers;
    for (const auto s : q.statuses) numbers += sentence(numbers.empty() ? "" : ", ", static_cast<int>(s));
    sql += sentence(" AND status IN (", numbers, ")");
  }
  if (!q.agent_id.empty()) sql += " AND agent_id=?1";
  if (q.agent_version) sql += sentence(" AND agent_version=", *q.agent_version);
  if (!q.include_archived) sql += " AND archived_at IS NULL";
  bound(">", q.created_gt);
  bound(">=", q.created_gte);
  bound("<", q.created_lt);
  bound("<=", q.created_lte);
  return sql;
}

}  // namespace

session_page list_sessions(connection& db, const session_query& query) {
  const auto* direction = query.ascending ? "" : " DESC";
  auto select =
      db.prepare(sentence("SELECT " SANDBASE_SESSION_COLUMNS " FROM sessions WHERE ", conditions(query),
                          " ORDER BY created_at", direction, ", key", direction, " LIMIT ", query.limit + 1));
  if (!query.agent_id.empty()) select.bind(query.agent_id);
  session_page page;
  while (select.step()) {
    if (page.rows.size() == query.limit) {
      page.more = true;
      break;
    }
    page.rows.push_back(read_session(select));
  }
  return page;
}

}  // namespace sandbase::sqlite
