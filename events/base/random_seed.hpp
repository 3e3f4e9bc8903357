// SPDX-License-Identifier: Apache-2.0
// Makes the random parts of identifiers repeat.
#pragma once

#include <cstdint>

namespace sandbase {

/// From now on random_bits() (event_id.hpp) gives this thread a sequence that depends on `seed` alone. For
/// simulations, which have to replay exactly.
void seed_random_bits(std::uint64_t seed);

}  // namespace sandbase
