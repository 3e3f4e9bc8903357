// SPDX-License-Identifier: Apache-2.0
// Errors as values for everything below actors/: a value or a failure (code and message).
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace sandbase {

/// What went wrong, by what the caller can do about it. The HTTP layer maps each to one status.
enum class errc : std::uint8_t {
  none = 0,
  /// The request breaks a rule; the message names the field.
  invalid,
  /// No key, or a bad one.
  unauthorized,
  /// The role does not allow it.
  forbidden,
  /// Unknown or foreign.
  not_found,
  /// An idempotency key used with another body, or a failed expectation.
  conflict,
  /// Over a limit on bytes.
  too_large,
  /// Over the limits of a key or workspace.
  rate_limited,
  /// Nothing was written; trying again later can work (disk full, shutting down).
  unavailable,
  /// Nothing was written: another writer has the log by now. Who claims it may do it again.
  fenced,
  /// An append was handed over and its answer is lost.
  unknown_outcome,
  /// The disk failed: what is on it decides, the process must end.
  io_failed,
  /// Stored bytes do not match their checksum or format.
  corrupt,
  /// What is stored is newer than this program, which may not write any more.
  outdated,
  /// A fault of ours.
  internal,
};

/// An error: a code and a sentence for whoever has to act on it.
struct failure {
  errc code = errc::none;
  std::string message;
};

/// A value of type T or a failure. Like std::expected of C++23, as far as this project needs it.
template <class T>
class [[nodiscard]] result {
 public:
  result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  result(failure f) : state_(std::in_place_index<1>, std::move(f)) {}
  result(errc code, std::string message)
      : state_(std::in_place_index<1>, failure{code, std::move(message)}) {}

  explicit operator bool() const noexcept { return state_.index() == 0; }
  /// @pre holds a value
  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }
  /// @pre holds a failure
  const failure& error() const& { return std::get<1>(state_); }
  failure&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, failure> state_;
};

/// Success without a value, or a failure.
template <>
class [[nodiscard]] result<void> {
 public:
  result() = default;
  result(failure f) : failure_(std::move(f)) {}
  result(errc code, std::string message) : failure_{code, std::move(message)} {}

  explicit operator bool() const noexcept { return failure_.code == errc::none; }
  const failure& error() const& { return failure_; }
  failure&& error() && { return std::move(failure_); }

 private:
  failure failure_;
};

}  // namespace sandbase
