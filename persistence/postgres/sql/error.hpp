// SPDX-License-Identifier: Apache-2.0
// Failures of PostgreSQL, and what a caller can do about them.
#pragma once

#include "persistence/store_error.hpp"

#include <libpq-fe.h>
#include <string>
#include <string_view>

namespace sandbase::postgres {

/// `SQLSTATE` of PostgreSQL's appendix "Error Codes"; empty: none of the server's.
class error : public store_error {
 public:
  explicit error(failure f, std::string sqlstate = {})
      : store_error(std::move(f)), sqlstate_(std::move(sqlstate)) {}
  error(errc code, std::string message) : store_error({code, std::move(message)}) {}

  const std::string& sqlstate() const noexcept { return sqlstate_; }
  /// Transactions stood in each other's way (serialization failure, deadlock): the same again may work.
  bool is_clash() const noexcept { return sqlstate_ == "40001" || sqlstate_ == "40P01"; }
  /// Another transaction held for too long what it needed.
  bool is_locked() const noexcept { return sqlstate_ == "55P03"; }
  bool is_duplicate() const noexcept { return sqlstate_ == "23505"; }

 private:
  std::string sqlstate_;
};

/// The connection broke, or the server was silent for too long.
class lost_connection : public error {
 public:
  lost_connection(std::string message, bool was_sent)
      : error(errc::unavailable, std::move(message)), was_sent_(was_sent) {}
  /// What was asked for may have been done.
  bool was_sent() const noexcept { return was_sent_; }

 private:
  bool was_sent_;
};

/// What the caller can do about an error of this SQLSTATE.
errc classify(std::string_view sqlstate);
/// Of a result that is one.
error error_of(const PGresult* failed, std::string_view doing);
/// A message of libpq without its trailing line break, on one line.
std::string one_line(const char* message);

/// The value, or throws the failure.
template <class T>
T unwrap(result<T> r) {
  if (!r) throw error(std::move(r).error());
  return *std::move(r);
}
inline void unwrap(result<void> r) {
  if (!r) throw error(std::move(r).error());
}

}  // namespace sandbase::postgres
