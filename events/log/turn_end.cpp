// SPDX-License-Identifier: Apache-2.0
#include "events/log/turn_end.hpp"

#include "events/event/event_facts.hpp"

namespace sandbase {

bool ends_turn(const log_block& block, seq_t seq) {
  return block.mark(seq).type == event_type::session_status_idle &&
         facts_of(block.json(seq)).stop_reason != "requires_action";
}

seq_t find_turn_end(const log_slice& slice) {
  for (const auto& [block, first, last] : slice.spans)
    for (auto seq = first; seq <= last; ++seq)
      if (ends_turn(*block, seq)) return seq;
  return 0;
}

}  // namespace sandbase
