// SPDX-License-Identifier: Apache-2.0
// Waiting for a real database server, which goes by a clock that is not the test's.
#pragma once

#include <chrono>
#include <thread>

namespace sandbase::test {

/// Asks until it holds, for so long that only what never comes is missed. @returns whether it does
template <class F>
bool comes_true(F&& condition) {
  constexpr std::chrono::seconds patience{20};
  const auto end = std::chrono::steady_clock::now() + patience;
  for (;;) {
    if (condition()) return true;
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
}

}  // namespace sandbase::test
