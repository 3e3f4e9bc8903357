// SPDX-License-Identifier: Apache-2.0
// Failures inside a store's folder are thrown, so that every transaction and statement is closed by its
// destructor; attempt() turns them into values at the edge, and nothing is thrown beyond it.
#pragma once

#include "events/base/result.hpp"

#include <exception>
#include <new>
#include <string>
#include <type_traits>
#include <utility>

namespace sandbase {

class store_error : public std::exception {
 public:
  explicit store_error(failure f) : failure_(std::move(f)) {}

  const char* what() const noexcept override { return failure_.message.c_str(); }
  const failure& as_failure() const noexcept { return failure_; }
  /// What is stored does not hold together where this came up; elsewhere it may.
  bool is_damage() const noexcept {
    return failure_.code == errc::corrupt || failure_.code == errc::internal;
  }

 private:
  failure failure_;
};

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
  } catch (const store_error& e) {
    return e.as_failure();
  } catch (const unnoted_commit&) {
    return {errc::io_failed, "what a commit has stored cannot be noted: memory has run out"};
  } catch (const std::bad_alloc&) {
    return {errc::unavailable, "out of memory"};
  } catch (const std::exception& e) {
    return {errc::internal, e.what()};
  }
}

}  // namespace sandbase
