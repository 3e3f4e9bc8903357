// SPDX-License-Identifier: Apache-2.0
// SQLite without anything of the store's.
#pragma once

#include <sqlite3.h>

#include <functional>
#include <memory>
#include <string>

namespace sandbase::test {

class raw_database {
 public:
  explicit raw_database(const std::string& path) {
    sqlite3* db = nullptr;
    open_code_ = sqlite3_open_v2(path.c_str(), &db,
                                 SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    db_.reset(db);
  }

  int open_code() const { return open_code_; }
  sqlite3* handle() const { return db_.get(); }
  int exec(const std::string& sql) { return sqlite3_exec(db_.get(), sql.c_str(), nullptr, nullptr, nullptr); }
  /// Calls `row` with each row's statement. @returns SQLite's code
  int each(const std::string& sql, const std::function<void(sqlite3_stmt*)>& row) {
    sqlite3_stmt* raw = nullptr;
    int code = sqlite3_prepare_v2(db_.get(), sql.c_str(), -1, &raw, nullptr);
    const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement{raw, sqlite3_finalize};
    if (code != SQLITE_OK) return code;
    while ((code = sqlite3_step(raw)) == SQLITE_ROW) row(raw);
    return code == SQLITE_DONE ? SQLITE_OK : code;
  }
  /// The first column of the last row as text; what went wrong, if something did.
  std::string ask(const std::string& sql) {
    std::string answer;
    const int code = each(sql, [&](sqlite3_stmt* s) {
      const auto* text = sqlite3_column_text(s, 0);
      answer = text == nullptr ? "" : reinterpret_cast<const char*>(text);
    });
    return code == SQLITE_OK ? answer : sqlite3_errmsg(db_.get());
  }

 private:
  int open_code_ = SQLITE_OK;
  std::unique_ptr<sqlite3, int (*)(sqlite3*)> db_{nullptr, sqlite3_close_v2};
};

}  // namespace sandbase::test
