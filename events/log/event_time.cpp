// SPDX-License-Identifier: Apache-2.0
#include "events/log/event_time.hpp"

namespace sandbase {

namespace {

constexpr std::string_view before_time = R"(,"processed_at":")";
constexpr std::string_view after_time = R"("})";

}  // namespace

exact_time time_in(std::string_view stored_json) {
  const auto start = stored_json.rfind(before_time);
  if (start == std::string_view::npos || !stored_json.ends_with(after_time)) return {};
  auto text = stored_json.substr(start + before_time.size());
  text.remove_suffix(after_time.size());
  return parse_exact_time(text).value_or(exact_time{});
}

std::strong_ordering compare_time(const log_block& block, seq_t seq, const exact_time& bound) {
  const auto by_mark = block.mark(seq).time <=> bound.ms;
  return by_mark != 0 ? by_mark : time_in(block.json(seq)) <=> bound;
}

}  // namespace sandbase
