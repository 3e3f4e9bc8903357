// SPDX-License-Identifier: Apache-2.0
// A prepared statement and the rows it gives. RAII around sqlite3_stmt; failures are thrown (error.hpp).
#pragma once

#include "events/base/timestamp.hpp"
#include "events/log/hash_chain.hpp"
#include "persistence/sqlite/file/error.hpp"

#include <sqlite3.h>

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sandbase::sqlite {

/// Bytes that are bound or read as a BLOB.
struct blob {
  std::string_view bytes;
};

class statement {
 public:
  /// `lasting`: kept for long, so SQLite takes its memory from the heap.
  statement(sqlite3* db, side s, std::string_view sql, bool lasting);
  statement(statement&& other) noexcept
      : db_(other.db_), side_(other.side_), handle_(std::exchange(other.handle_, nullptr)) {}
  statement& operator=(statement&&) = delete;
  ~statement() { sqlite3_finalize(handle_); }

  /// Binds every parameter, from ?1 on. Views and lvalues are not copied:
  /// they must live until reset(). Temporaries are.
  template <class... Args>
  void bind(Args&&... args) {
    int index = 0;
    (bind_at(++index, std::forward<Args>(args)), ...);
  }

  /// @returns whether there is a row
  bool step();
  void reset() noexcept { sqlite3_reset(handle_); }
  /// Steps to the end and resets.
  void run();

  // Columns of the current row, from 0 on. Views stay valid until the next step or reset.
  std::int64_t integer(int column) const { return sqlite3_column_int64(handle_, column); }
  bool is_null(int column) const { return sqlite3_column_type(handle_, column) == SQLITE_NULL; }
  std::string_view text(int column) const;
  std::string_view bytes(int column) const;
  /// `corrupt` if the column is not 32 bytes.
  digest hash(int column) const;
  timestamp time(int column) const { return timestamp{std::chrono::milliseconds{integer(column)}}; }
  std::optional<timestamp> optional_time(int column) const;

 private:
  template <std::integral T>
  void bind_at(int index, T value) {
    expect_ok(sqlite3_bind_int64(handle_, index, static_cast<std::int64_t>(value)));
  }
  void bind_at(int index, std::nullptr_t) { expect_ok(sqlite3_bind_null(handle_, index)); }
  void bind_at(int index, std::string_view text) { bind_text(index, text, SQLITE_STATIC); }
  void bind_at(int index, std::string&& text) { bind_text(index, text, SQLITE_TRANSIENT); }
  void bind_at(int index, const std::string& text) { bind_text(index, text, SQLITE_STATIC); }
  void bind_at(int index, std::string& text) { bind_text(index, text, SQLITE_STATIC); }
  void bind_at(int index, blob b) { bind_blob(index, b.bytes, SQLITE_STATIC); }
  void bind_at(int index, const digest& d) { bind_blob(index, view(d), SQLITE_STATIC); }
  void bind_at(int index, digest&& d) { bind_blob(index, view(d), SQLITE_TRANSIENT); }
  void bind_at(int index, timestamp t) { bind_at(index, t.time_since_epoch().count()); }
  void bind_at(int index, const std::optional<timestamp>& t) {
    t ? bind_at(index, *t) : bind_at(index, nullptr);
  }
  static std::string_view view(const digest& d) {
    return {reinterpret_cast<const char*>(d.data()), d.size()};
  }
  void bind_text(int index, std::string_view text, sqlite3_destructor_type life);
  void bind_blob(int index, std::string_view bytes, sqlite3_destructor_type life);
  void expect_ok(int code) const {
    if (code != SQLITE_OK) throw_error(db_, code, side_, "cannot bind a value");
  }

  sqlite3* db_;
  side side_;
  sqlite3_stmt* handle_ = nullptr;
};

/// A statement in use: reset when the cursor goes.
class cursor {
 public:
  explicit cursor(statement& s) : statement_(&s) {}
  cursor(cursor&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  cursor& operator=(cursor&&) = delete;
  ~cursor() {
    if (statement_ != nullptr) statement_->reset();
  }
  bool next() { return statement_->step(); }
  const statement& row() const { return *statement_; }
  const statement* operator->() const { return statement_; }

 private:
  statement* statement_;
};

}  // namespace sandbase::sqlite
