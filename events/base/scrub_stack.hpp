// SPDX-License-Identifier: Apache-2.0
// What calls have left on the stack of their thread stays there until others need the place, which may be
// never on a thread that has little to do.
#pragma once

#include <array>
#include <cstddef>
#include <string.h>
#include <utility>

namespace sandbase {

/// As deep as a call reaches that reads from a store and parses what it has read.
inline constexpr std::size_t scrubbed_stack_bytes = std::size_t{128} * 1024;

/// Calls `f` so far down the stack that nothing of it lies where callers of scrub_stack() have their frames.
template <class F>
[[gnu::noinline]] void call_deep(F&& f) {
  std::array<char, 8 * 1024> gap;
  asm volatile("" : : "r"(gap.data()) : "memory");
  std::forward<F>(f)();
  asm volatile("" : : "r"(gap.data()) : "memory");
}

/// Overwrites the calling thread's stack below the caller's frame.
[[gnu::noinline]] inline void scrub_stack() {
  std::array<char, scrubbed_stack_bytes> below;
  ::explicit_bzero(below.data(), below.size());
}

}  // namespace sandbase
