// SPDX-License-Identifier: Apache-2.0
// Failures of SQLite, and what a caller can do about them.
#pragma once

#include "persistence/store_error.hpp"

#include <sqlite3.h>

#include <string>
#include <string_view>

namespace sandbase::sqlite {

class error : public store_error {
 public:
  explicit error(failure f, int code = SQLITE_OK) : store_error(std::move(f)), code_(code) {}
  error(errc code, std::string message) : store_error({code, std::move(message)}) {}

  /// The disk (or the bound on the database's size) is full: a smaller transaction may still succeed.
  bool is_full() const noexcept { return (code_ & 0xff) == SQLITE_FULL; }
  /// SQLite's own, not ours about what it has read.
  bool is_of_sqlite() const noexcept { return code_ != SQLITE_OK; }
  /// Others had a lock for longer than SQLite has patience.
  bool is_in_the_way() const noexcept {
    return (code_ & 0xff) == SQLITE_BUSY || (code_ & 0xff) == SQLITE_PROTOCOL;
  }
  /// A transaction that was cut off has to be undone first, which a reader cannot do.
  bool is_unfinished() const noexcept { return code_ == SQLITE_READONLY_ROLLBACK; }

 private:
  int code_ = SQLITE_OK;
};

/// Which side a connection works on: it decides what an I/O error means.
enum class side { reading, writing };

/// What a caller can do about an extended result code. `system_errno`: of
/// the call that failed, 0 if none did.
errc classify(int extended_code, int system_errno, side s);

/// Throws the connection's last failure. `db` may be null.
[[noreturn]] void throw_error(sqlite3* db, int code, side s, std::string_view doing);

/// The value, or throws the failure.
template <class T>
T unwrap(result<T> r) {
  if (!r) throw error(std::move(r).error());
  return *std::move(r);
}
inline void unwrap(result<void> r) {
  if (!r) throw error(std::move(r).error());
}

}  // namespace sandbase::sqlite
