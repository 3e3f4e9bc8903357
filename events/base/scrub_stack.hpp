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

/// Of scrub_stack(), whose first call alone would leave something further down than it overwrites.
[[gnu::noinline]] inline void scrub_below() {
  std::array<char, scrubbed_stack_bytes> below;
  ::explicit_bzero(below.data(), below.size());
}

/// Overwrites the calling thread's stack below the caller's frame.
[[gnu::noinline]] inline void scrub_stack() {
  // The first call of a function of another library goes through the dynamic linker, which saves the vector
  // registers on the stack: they hold what was copied last. Here that is within reach.
  char any = 0;
  ::explicit_bzero(&any, sizeof(any));
  scrub_below();
}

}  // namespace sandbase
