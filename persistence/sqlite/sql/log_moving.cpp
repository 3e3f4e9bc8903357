// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/sql/log_moving.hpp"

namespace sandbase::sqlite {

bool empty_log(connection& db) {
  constexpr int patience_ms = 20;
  constexpr int usual_patience_ms = 5000;
  sqlite3_busy_timeout(db.handle(), patience_ms);
  const int code =
      sqlite3_wal_checkpoint_v2(db.handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  sqlite3_busy_timeout(db.handle(), usual_patience_ms);
  if ((code & 0xff) == SQLITE_BUSY) return false;
  if (code != SQLITE_OK) db.fail(code, "cannot empty the write-ahead log");
  return true;
}

std::optional<moved_log> move_log(connection& db) {
  moved_log log;
  const int code =
      sqlite3_wal_checkpoint_v2(db.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &log.pages, &log.moved);
  // Busy: a commit or another checkpoint is at it this very moment. The next one will do.
  if ((code & 0xff) == SQLITE_BUSY) return std::nullopt;
  if (code != SQLITE_OK) db.fail(code, "cannot move the write-ahead log into the database");
  return log;
}

}  // namespace sandbase::sqlite
