// SPDX-License-Identifier: Apache-2.0
// Memory that ends: operator new of the whole test binary fails when it is told to. SQLite's own memory is
// not meant by it.
#pragma once

#include <cstddef>

namespace sandbase::test {

/// So many allocations of this thread work, the next one fails, once.
void fail_allocation(std::size_t after);
/// From now on all work. @returns whether the one that was to fail did
bool stop_failing_allocations();

}  // namespace sandbase::test
