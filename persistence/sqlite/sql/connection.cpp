// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/sql/connection.hpp"

#include <fmt/core.h>

namespace sandbase::sqlite {

namespace {

sqlite3* open(const std::string& path, side s) {
  // Opened for writing also by readers: only so can SQLite bring the log's index up after a crash.
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  if (code == SQLITE_OK) return db;
  try {
    throw_error(db, code, s, fmt::format("cannot open {}", path));
  } catch (...) {
    sqlite3_close_v2(db);
    throw;
  }
}

}  // namespace

void set_up_library() {
  // Of a cache's first pages SQLite makes one block, in which they stay as they were when they are let go of.
  static const int told = sqlite3_config(SQLITE_CONFIG_PAGECACHE, static_cast<void*>(nullptr), 0, 0);
  static_cast<void>(told);
}

connection::connection(const std::string& path, const connection_options& options)
    : side_(options.use), db_(open(path, options.use)) {
  sqlite3_extended_result_codes(db_.get(), 1);
  wait_as_usual();
  sqlite3_db_config(db_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, options.takes_log_in ? 0 : 1, nullptr);
  // No memory of its own for small things, rows among them: it would keep what was in them.
  sqlite3_db_config(db_.get(), SQLITE_DBCONFIG_LOOKASIDE, static_cast<void*>(nullptr), 0, 0);
  const auto doing = fmt::format("cannot open {}", path);
  const auto set = [&](const std::string& pragma) { exec("PRAGMA " + pragma, doing); };
  set("synchronous=FULL");
  set("foreign_keys=OFF");
  set("temp_store=MEMORY");
  set("trusted_schema=OFF");
  set("cell_size_check=ON");
  // What is deleted is overwritten, in pages that are freed as well: a payload that was erased must stand
  // nowhere, and its earlier places (a journal row that was sealed, a segment that was merged) were freed
  // long before.
  set("secure_delete=ON");
  // No memory map: a page that the disk cannot read is then an error to
  // report, not a signal that ends the process.
  set("mmap_size=0");
  set(fmt::format("cache_size=-{}", options.cache_kib));
  set("journal_size_limit=67108864");
  if (!options.checkpoints_by_itself) set("wal_autocheckpoint=0");
  if (options.use == side::reading) set("query_only=ON");
}

statement& connection::prepared(std::string_view sql) {
  auto found = statements_.find(sql);
  if (found == statements_.end())
    found = statements_.emplace(std::string{sql}, statement{db_.get(), side_, sql, true}).first;
  return found->second;
}

void connection::wait_as_usual() {
  constexpr int patience_ms = 5000;
  sqlite3_busy_timeout(db_.get(), patience_ms);
}

void connection::exec(const std::string& sql, std::string_view doing) {
  const int code = sqlite3_exec(db_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code, doing);
}

write_transaction::~write_transaction() {
  // SQLite has rolled back by itself after some failures.
  if (db_.in_transaction()) static_cast<void>(attempt([&] { db_.run("ROLLBACK"); }));
}

snapshot::snapshot(connection& db) : db_(db), owner_(!db.in_transaction()) {
  if (owner_) db_.run("BEGIN");
}

snapshot::~snapshot() {
  if (owner_ && db_.in_transaction()) static_cast<void>(attempt([&] { db_.run("ROLLBACK"); }));
}

savepoint::~savepoint() {
  if (!open_ || !db_.in_transaction()) return;
  static_cast<void>(attempt([&] {
    db_.run("ROLLBACK TO part");
    db_.run("RELEASE part");
  }));
}

}  // namespace sandbase::sqlite
