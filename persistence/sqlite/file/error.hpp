// SPDX-License-Identifier: Apache-2.0
// Failures of SQLite. Inside this folder they are thrown, so that every transaction and statement is closed
// by its destructor; attempt() turns them into values at the edge, and nothing is thrown beyond it.
#pragma once

#include "events/base/result.hpp"

#include <sqlite3.h>

#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>

namespace sandbase::sqlite {

class error : public std::exception {
 public:
  explicit error(failure f, int code = SQLITE_OK) : failure_(std::move(f)), code_(code) {}
  error(errc code, std::string message) : failure_{code, std::move(message)} {}

  const char* what() const noexcept override { return failure_.message.c_str(); }
  const failure& as_failure() const noexcept { return failure_; }
  /// The disk (or the bound on the database's size) is full: a smaller transaction may still succeed.
  bool is_full() const noexcept { return (code_ & 0xff) == SQLITE_FULL; }
  /// SQLite's own, not ours about what it has read.
  bool is_of_sqlite() const noexcept { return code_ != SQLITE_OK; }
  /// Others had a lock for longer than SQLite has patience.
  bool is_in_the_way() const noexcept {
    return (code_ & 0xff) == SQLITE_BUSY || (code_ & 0xff) == SQLITE_PROTOCOL;
  }
  /// What is stored does not hold together where this came up; elsewhere it may.
  bool is_damage() const noexcept {
    return failure_.code == errc::corrupt || failure_.code == errc::internal;
  }
  /// A transaction that was cut off has to be undone first, which a reader cannot do.
  bool is_unfinished() const noexcept { return code_ == SQLITE_READONLY_ROLLBACK; }

 private:
  failure failure_;
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

/// Thrown behind a COMMIT. Needs no memory, of which there may be none.
struct unnoted_commit {};

/// Runs `f` behind a COMMIT. If that throws, what is stored and what is known are no longer the same, and
/// nobody may be told that nothing was stored: it becomes `io_failed`, which ends the process.
template <class F>
void behind_commit(F&& f) {
  try {
    f();
  } catch (...) {
    throw unnoted_commit{};
  }
}

/// Runs `f`; what it throws becomes a failure.
template <class F>
auto attempt(F&& f) noexcept -> result<std::invoke_result_t<F>> {
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<F>>) {
      f();
      return {};
    } else {
      return f();
    }
  } catch (const error& e) {
    return e.as_failure();
  } catch (const unnoted_commit&) {
    return {errc::io_failed, "what a commit has stored cannot be noted: memory has run out"};
  } catch (const std::bad_alloc&) {
    return {errc::unavailable, "out of memory"};
  } catch (const std::exception& e) {
    return {errc::internal, e.what()};
  }
}

}  // namespace sandbase::sqlite
