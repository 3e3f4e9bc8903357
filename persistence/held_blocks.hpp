// SPDX-License-Identifier: Apache-2.0
// Which blocks that were read are still in somebody's hands: many streams in the same history share one copy.
#pragma once

#include "events/log/log_block.hpp"
#include "persistence/event_reader.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <tuple>

namespace sandbase {

/// Keeps no block itself. Belongs to one connection.
class held_blocks {
 public:
  /// What tells a segment's content: its checksum is of everything in its row.
  struct key {
    session_key session = 0;
    seq_t first = 0;
    seq_t last = 0;
    std::int64_t checksum = 0;
    auto operator<=>(const key&) const = default;
  };

  /// Null if nobody holds it.
  log_block_ptr find(const key& k) const {
    const auto found = blocks_.find(k);
    return found == blocks_.end() ? nullptr : found->second.lock();
  }
  void add(const key& k, const log_block_ptr& block) {
    if (blocks_.size() >= max_entries) {
      std::erase_if(blocks_, [](const auto& entry) { return entry.second.expired(); });
      if (blocks_.size() >= max_entries) blocks_.clear();
    }
    blocks_.insert_or_assign(k, block);
  }

 private:
  static constexpr std::size_t max_entries = 4096;
  std::map<key, std::weak_ptr<const log_block>> blocks_;
};

}  // namespace sandbase
