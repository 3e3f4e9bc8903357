// SPDX-License-Identifier: Apache-2.0
// A connection to the database file with its prepared statements, and the scopes that transactions live in.
// Used by one thread at a time (SQLite's own mutexes are off).
#pragma once

#include "persistence/sqlite/sql/statement.hpp"

#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace sandbase::sqlite {

struct connection_options {
  side use = side::reading;
  /// Page cache, KiB.
  int cache_kib = 2048;
  /// Whether a commit may stop to move the write-ahead log into the database.
  bool checkpoints_by_itself = false;
  /// Whether it moves the write-ahead log into the database if it closes as
  /// the last connection: for who has called renew_log().
  bool takes_log_in = false;
};

/// Has SQLite give each page that a cache lets go of back to the allocator. To be called before anything else
/// of it is; later it changes nothing.
void set_up_library();

class connection {
 public:
  /// `path` must exist. Throws `unavailable` if it cannot be opened.
  connection(const std::string& path, const connection_options& options);

  /// Runs `sql` with parameters, to its end. The statement is kept prepared: `sql` must be one of few.
  template <class... Args>
  void run(std::string_view sql, Args&&... args) {
    auto& s = prepared(sql);
    s.bind(std::forward<Args>(args)...);
    s.run();
  }
  /// Same, for reading rows. Not to be nested with itself.
  template <class... Args>
  cursor query(std::string_view sql, Args&&... args) {
    auto& s = prepared(sql);
    s.bind(std::forward<Args>(args)...);
    return cursor{s};
  }
  /// The statement of this text, prepared once and kept.
  statement& prepared(std::string_view sql);
  /// A statement for one use.
  statement prepare(std::string_view sql) { return {db_.get(), side_, sql, false}; }
  /// Lets go of all pages that its cache holds. @pre no statement is under way
  void forget_pages() { sqlite3_db_release_memory(db_.get()); }
  /// For locks that others have, some seconds: so it does from the beginning.
  void wait_as_usual();
  /// Pragmas and changes of the schema. `doing`: for the error, as in "cannot do this".
  void exec(const std::string& sql, std::string_view doing);

  std::int64_t last_row() const { return sqlite3_last_insert_rowid(db_.get()); }
  std::int64_t changes() const { return sqlite3_changes64(db_.get()); }
  bool in_transaction() const { return sqlite3_get_autocommit(db_.get()) == 0; }
  sqlite3* handle() const { return db_.get(); }
  [[noreturn]] void fail(int code, std::string_view doing) const {
    throw_error(db_.get(), code, side_, doing);
  }

 private:
  struct closer {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  };
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
  };

  side side_;
  std::unique_ptr<sqlite3, closer> db_;
  std::unordered_map<std::string, statement, text_hash, std::equal_to<>> statements_;
};

/// Rolled back unless committed.
class write_transaction {
 public:
  explicit write_transaction(connection& db) : db_(db) { db_.run("BEGIN IMMEDIATE"); }
  write_transaction(const write_transaction&) = delete;
  write_transaction& operator=(const write_transaction&) = delete;
  ~write_transaction();
  void commit() { db_.run("COMMIT"); }

 private:
  connection& db_;
};

/// One view of the database for several statements. Inside a transaction it does nothing.
class snapshot {
 public:
  explicit snapshot(connection& db);
  snapshot(const snapshot&) = delete;
  snapshot& operator=(const snapshot&) = delete;
  ~snapshot();

 private:
  connection& db_;
  bool owner_;
};

/// A part of a transaction that may be undone alone: undone unless released.
class savepoint {
 public:
  explicit savepoint(connection& db) : db_(db) { db_.run("SAVEPOINT part"); }
  savepoint(const savepoint&) = delete;
  savepoint& operator=(const savepoint&) = delete;
  ~savepoint();
  void release() {
    db_.run("RELEASE part");
    open_ = false;
  }

 private:
  connection& db_;
  bool open_ = true;
};

}  // namespace sandbase::sqlite
