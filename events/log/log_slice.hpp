// SPDX-License-Identifier: Apache-2.0
// A piece of a log on its way to a reader: parts of shared blocks, in order, without gaps.
#pragma once

#include "events/log/log_block.hpp"

#include <algorithm>
#include <vector>

namespace sandbase {

/// Events first..last of a block.
struct block_span {
  log_block_ptr block;
  seq_t first = 0;
  seq_t last = 0;
  std::string_view frames() const { return block->frames(first, last); }
};

/// Consecutive spans. Empty if there is nothing beyond the cursor.
struct log_slice {
  std::vector<block_span> spans;

  bool empty() const noexcept { return spans.empty(); }
  /// @pre !empty()
  seq_t first_seq() const { return spans.front().first; }
  seq_t last_seq() const { return spans.back().last; }
  std::size_t bytes() const {
    std::size_t n = 0;
    for (const auto& s : spans) n += s.frames().size();
    return n;
  }
  /// Its events from `from` to `to`, as far as it has them.
  log_slice part(seq_t from, seq_t to) const {
    log_slice out;
    for (const auto& s : spans)
      if (s.first <= to && s.last >= from)
        out.spans.push_back({s.block, std::max(s.first, from), std::min(s.last, to)});
    return out;
  }
  /// Bytes of all blocks that it keeps, in whole.
  std::size_t held_bytes() const {
    std::size_t n = 0;
    for (const auto& s : spans) n += s.block->frames().size();
    return n;
  }
};

}  // namespace sandbase
