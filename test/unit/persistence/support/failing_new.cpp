// SPDX-License-Identifier: Apache-2.0
// A source of its own: inlined into what allocates, these look mismatched to the compiler.
#include "test/unit/persistence/support/failing_new.hpp"

#include <cstdlib>
#include <new>
#include <optional>
#include <utility>

namespace sandbase::test {

namespace {

constinit thread_local std::optional<std::size_t> allocations_left;

void* allocate(std::size_t size) {
  if (allocations_left && (*allocations_left)-- == 0) {
    allocations_left.reset();
    return nullptr;
  }
  return std::malloc(size == 0 ? 1 : size);
}

}  // namespace

void fail_allocation(std::size_t after) { allocations_left = after; }

bool stop_failing_allocations() { return !std::exchange(allocations_left, std::nullopt); }

}  // namespace sandbase::test

void* operator new(std::size_t size) {
  if (void* const memory = sandbase::test::allocate(size)) return memory;
  throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
