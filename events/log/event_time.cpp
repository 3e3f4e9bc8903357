// SPDX-License-Identifier: Apache-2.0
#include "events/log/event_time.hpp"

#include "events/event/stored_layout.hpp"

namespace sandbase {

exact_time time_in(std::string_view stored_json) {
  return parse_exact_time(stored_layout::read_time(stored_json).value_or("")).value_or(exact_time{});
}

std::strong_ordering compare_time(const log_block& block, seq_t seq, const exact_time& bound) {
  const auto by_mark = block.mark(seq).time <=> bound.ms;
  return by_mark != 0 ? by_mark : time_in(block.json(seq)) <=> bound;
}

}  // namespace sandbase
