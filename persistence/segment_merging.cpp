// SPDX-License-Identifier: Apache-2.0
#include "persistence/segment_merging.hpp"

namespace sandbase {

std::vector<log_block_ptr> join_small(const std::vector<log_block_ptr>& blocks) {
  std::vector<log_block_ptr> joined;
  std::vector<log_block_ptr> group;
  std::size_t bytes = 0;
  const auto close_group = [&] {
    if (!group.empty()) joined.push_back(group.size() == 1 ? group.front() : log_block::join(group));
    group.clear();
    bytes = 0;
  };
  for (const auto& block : blocks) {
    if (bytes + block->frames().size() > merged_block_bytes) close_group();
    group.push_back(block);
    bytes += block->frames().size();
  }
  close_group();
  return joined;
}

}  // namespace sandbase
