// SPDX-License-Identifier: Apache-2.0
#include "http/wire/type_filter.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase {

result<type_filter> type_filter::parse(const query& q) {
  type_filter filter;
  for (auto& name : q.list("types")) {
    filter.active_ = true;
    const auto type = find_type(name);
    if (type != event_type::custom) {
      filter.listed_[static_cast<std::size_t>(type)] = true;
    } else if (is_valid_type_name(name)) {
      filter.custom_.insert(std::move(name));
    } else {
      return {errc::invalid,
              name.size() <= max_type_name_size
                  ? fmt::format("types: `{}` is not an event type", name)
                  : fmt::format("types: an event type has at most {} characters", max_type_name_size)};
    }
  }
  const auto listed = std::count(filter.listed_.begin(), filter.listed_.end(), true);
  if (static_cast<std::size_t>(listed) + filter.custom_.size() > max_filter_types)
    return {errc::invalid, fmt::format("types: more than {} names", max_filter_types)};
  return filter;
}

bool type_filter::passes(const log_block& block, seq_t seq) const {
  if (!active_) return true;
  const auto type = block.mark(seq).type;
  if (type != event_type::custom) return listed_[static_cast<std::size_t>(type)];
  return !custom_.empty() && custom_.contains(block.type_name(seq));
}

}  // namespace sandbase
