// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/roles/cleaning.hpp"

namespace sandbase::sqlite {

namespace {

constexpr std::int64_t max_rows = 4096;
constexpr std::int64_t max_step_bytes = 1024 * 1024;

/// The write-ahead log is not synced at the end of a transaction while
/// this lives; the next commit's sync covers it.
class unsynced {
 public:
  explicit unsynced(connection& db) : db_(db) { db_.exec("PRAGMA synchronous=NORMAL"); }
  unsynced(const unsynced&) = delete;
  unsynced& operator=(const unsynced&) = delete;
  ~unsynced() { sqlite3_exec(db_.handle(), "PRAGMA synchronous=FULL", nullptr, nullptr, nullptr); }

 private:
  connection& db_;
};

/// One step for a deleted session. @returns whether more of it is left
bool sweep_session(connection& db, session_key session, workspace_key workspace) {
  std::vector<std::int64_t> ids;
  {
    auto rows =
        db.query("SELECT id, length(frames) FROM segments WHERE session=?1 ORDER BY first_seq LIMIT ?2",
                 session, max_rows);
    for (std::int64_t bytes = 0; bytes < max_step_bytes && rows.next(); bytes += rows->integer(1))
      ids.push_back(rows->integer(0));
  }
  for (const auto id : ids) db.run("DELETE FROM segments WHERE id=?1", id);
  if (!ids.empty()) return true;
  db.run(
      "DELETE FROM foreign_ids WHERE session=?1 AND id IN (SELECT id FROM foreign_ids WHERE session=?1 LIMIT "
      "?2)",
      session, max_rows);
  if (db.changes() != 0) return true;
  db.run(
      "DELETE FROM idempotency WHERE workspace=?1 AND session=?2 AND key IN "
      "(SELECT key FROM idempotency WHERE workspace=?1 AND session=?2 LIMIT ?3)",
      workspace, session, max_rows);
  if (db.changes() != 0) return true;
  // Its rows in the journal are dead by themselves and go with trim_journal().
  db.run("DELETE FROM tombstones WHERE session=?1", session);
  return false;
}

struct tombstone {
  session_key session = 0;
  workspace_key workspace = 0;
};
std::optional<tombstone> first_tombstone(connection& db) {
  auto rows = db.query("SELECT session, workspace FROM tombstones ORDER BY session LIMIT 1");
  if (!rows.next()) return std::nullopt;
  return tombstone{rows->integer(0), rows->integer(1)};
}

bool has_row(connection& db, std::string_view sql, std::int64_t bound) { return db.query(sql, bound).next(); }

}  // namespace

trim_report trim_journal(connection& db, journal_row before, std::size_t max_bytes) {
  trim_report report;
  journal_row last = 0;
  {
    auto rows =
        db.query("SELECT id, length(json) FROM journal WHERE id<?1 ORDER BY id LIMIT ?2", before, max_rows);
    std::size_t bytes = 0;
    while (bytes < max_bytes && rows.next()) {
      last = rows->integer(0);
      bytes += static_cast<std::size_t>(rows->integer(1));
    }
  }
  if (last == 0) return report;
  const unsynced lazily{db};
  write_transaction step{db};
  db.run("DELETE FROM journal WHERE id<=?1", last);
  report.rows = db.changes();
  report.more = has_row(db, "SELECT 1 FROM journal WHERE id<?1 LIMIT 1", before);
  step.commit();
  return report;
}

bool sweep_leftovers(connection& db, timestamp now) {
  const auto expired = (now - idempotency_ttl).time_since_epoch().count();
  const auto tombstone = first_tombstone(db);
  if (!tombstone && !has_row(db, "SELECT 1 FROM idempotency WHERE created_at<=?1 LIMIT 1", expired))
    return false;
  const unsynced lazily{db};
  write_transaction step{db};
  bool more = false;
  if (tombstone) {
    more = sweep_session(db, tombstone->session, tombstone->workspace) || first_tombstone(db);
  } else {
    db.run(
        "DELETE FROM idempotency WHERE (workspace, session, key) IN "
        "(SELECT workspace, session, key FROM idempotency WHERE created_at<=?1 LIMIT ?2)",
        expired, max_rows);
  }
  more = more || has_row(db, "SELECT 1 FROM idempotency WHERE created_at<=?1 LIMIT 1", expired);
  step.commit();
  return more;
}

}  // namespace sandbase::sqlite
