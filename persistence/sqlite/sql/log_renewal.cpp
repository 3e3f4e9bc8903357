// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/sql/log_renewal.hpp"

#include "persistence/sqlite/file/database_file.hpp"
#include "persistence/sqlite/sql/connection.hpp"

#include <algorithm>
#include <vector>

namespace sandbase::sqlite {

namespace {

constexpr sqlite3_int64 piece_bytes = 64 * 1024;  // SQLite's layer for Unix writes less than 128 KiB at once
constexpr const char* doing = "cannot make the write-ahead log durable";

/// The log as SQLite has it open; null if the database has none.
sqlite3_file* log_of(connection& db) {
  sqlite3_file* file = nullptr;
  const int code = sqlite3_file_control(db.handle(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &file);
  if (code != SQLITE_OK) db.fail(code, doing);
  return file != nullptr && file->pMethods != nullptr ? file : nullptr;
}

void write_again(connection& db) {
  const auto expect = [&](int code) {
    if (code != SQLITE_OK) db.fail(code, doing);
  };
  const write_transaction keeps_other_writers_off{db};
  auto* log = log_of(db);
  if (log == nullptr) return;
  sqlite3_int64 size = 0;
  expect(log->pMethods->xFileSize(log, &size));
  if (size == 0) return;
  std::vector<char> piece(static_cast<std::size_t>(std::min(size, piece_bytes)));
  for (sqlite3_int64 at = 0; at < size; at += piece_bytes) {
    const int n = static_cast<int>(std::min(size - at, piece_bytes));
    expect(log->pMethods->xRead(log, piece.data(), n, at));
    expect(log->pMethods->xWrite(log, piece.data(), n, at));
  }
  expect(log->pMethods->xSync(log, SQLITE_SYNC_NORMAL));
}

}  // namespace

void renew_log(const std::string& path) {
  if (!has_write_ahead_log(path)) return;
  connection db{path, {side::writing, 256}};
  // Nothing will be built on what cannot be written.
  if (sqlite3_db_readonly(db.handle(), "main") == 0) write_again(db);
}

}  // namespace sandbase::sqlite
