// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/sql/statement.hpp"

#include <algorithm>

namespace sandbase::sqlite {

statement::statement(sqlite3* db, side s, std::string_view sql, bool lasting) : db_(db), side_(s) {
  const unsigned flags = lasting ? SQLITE_PREPARE_PERSISTENT : 0;
  const int code = sqlite3_prepare_v3(db, sql.data(), static_cast<int>(sql.size()), flags, &handle_, nullptr);
  if (code != SQLITE_OK) throw_error(db, code, s, "cannot prepare a statement");
}

bool statement::step() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  try {
    throw_error(db_, code, side_,
                side_ == side::writing ? "the store cannot write" : "the store cannot read");
  } catch (...) {
    reset();  // after the message was read: reset() clears it
    throw;
  }
}

void statement::run() {
  while (step()) {
  }
  reset();
}

std::string_view statement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  return data == nullptr
             ? std::string_view{}
             : std::string_view{data, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

std::string_view statement::bytes(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(handle_, column));
  return data == nullptr
             ? std::string_view{}
             : std::string_view{data, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

digest statement::hash(int column) const {
  const auto stored = bytes(column);
  digest d{};
  if (stored.size() != d.size()) throw error(errc::corrupt, "a stored hash is not 32 bytes long");
  std::ranges::copy(stored, reinterpret_cast<char*>(d.data()));
  return d;
}

std::optional<timestamp> statement::optional_time(int column) const {
  if (is_null(column)) return std::nullopt;
  return time(column);
}

void statement::bind_text(int index, std::string_view text, sqlite3_destructor_type life) {
  // An empty view may hold a null pointer, which SQLite would take for NULL.
  const char* data = text.empty() ? "" : text.data();
  expect_ok(sqlite3_bind_text64(handle_, index, data, text.size(), life, SQLITE_UTF8));
}

void statement::bind_blob(int index, std::string_view bytes, sqlite3_destructor_type life) {
  const char* data = bytes.empty() ? "" : bytes.data();
  expect_ok(sqlite3_bind_blob64(handle_, index, data, bytes.size(), life));
}

}  // namespace sandbase::sqlite
