// SPDX-License-Identifier: Apache-2.0
// Random bytes that nobody can guess.
#pragma once

#include <cstdint>
#include <span>

namespace sandbase {

/// Fills `out` from OpenSSL's generator, by way of a small supply of this thread; after seed_random_bits()
/// (random_seed.hpp) from a sequence that depends on the seed alone. Ends the process if there is no
/// randomness.
void random_bytes(std::span<std::uint8_t> out);

}  // namespace sandbase
