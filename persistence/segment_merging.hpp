// SPDX-License-Identifier: Apache-2.0
// Small segments side by side cost each read a step: so many of them at the end of a log are joined.
#pragma once

#include "events/log/log_block.hpp"

#include <vector>

namespace sandbase {

/// Two small blocks together may grow to this size, in bytes of frames.
inline constexpr std::size_t merged_block_bytes = 2 * sealed_block_bytes;
/// So many small blocks side by side are merged.
inline constexpr std::size_t small_run = 8;

/// Joins consecutive blocks into as few as fit merged_block_bytes each.
std::vector<log_block_ptr> join_small(const std::vector<log_block_ptr>& blocks);

}  // namespace sandbase
