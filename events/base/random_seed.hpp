// SPDX-License-Identifier: Apache-2.0
// Makes what is random repeat. For simulations, which have to replay exactly.
#pragma once

#include <cstdint>

namespace sandbase {

/// From now on random_bits() (event_id.hpp) and random_bytes() (random_bytes.hpp) give this thread sequences
/// that depend on `seed` alone.
void seed_random_bits(std::uint64_t seed);

/// The second half of it.
void seed_random_bytes(std::uint64_t seed);

}  // namespace sandbase
