// SPDX-License-Identifier: Apache-2.0
#include "events/log/event_selection.hpp"

#include "events/log/event_time.hpp"

#include <algorithm>

namespace sandbase {

event_selection::event_selection(const std::vector<std::string>& types, const time_range& times)
    : all_types_(types.empty()), times_(times) {
  for (const auto& name : types) {
    const auto type = find_type(name);
    if (type != event_type::custom) {
      listed_.set(static_cast<std::size_t>(type));
    } else {
      custom_.push_back(name);
      custom_codes_.set(name_code_of(name) - first_name_code);
    }
  }
  std::ranges::sort(custom_);
}

std::vector<std::string> event_selection::types() const {
  auto all = custom_;
  for (std::size_t i = 0; i < event_type_count; ++i)
    if (listed_.test(i)) all.emplace_back(name_of(static_cast<event_type>(i)));
  return all;
}

event_selection::verdict event_selection::judge_type(const log_marks& marks, std::size_t index) const {
  if (all_types_) return verdict::yes;
  const auto code = marks.type_code(index);
  if (code >= first_name_code)
    return custom_codes_.test(code - first_name_code) ? verdict::unsure : verdict::no;
  if (code >= event_type_count) return verdict::unsure;  // whoever reads the event finds that it is corrupt
  return listed_.test(code) ? verdict::yes : verdict::no;
}

event_selection::verdict event_selection::judge(const log_marks& marks, std::size_t index) const {
  const auto by_type = judge_type(marks, index);
  if (by_type == verdict::no || times_.is_open()) return by_type;
  const auto time = marks.time(index);
  if (times_.surely_too_early(time) || times_.surely_too_late(time)) return verdict::no;
  return times_.surely_contains(time) ? by_type : verdict::unsure;
}

bool event_selection::passes_type(const log_block& block, seq_t seq) const {
  if (all_types_) return true;
  const auto type = block.mark(seq).type;
  if (type != event_type::custom) return listed_.test(static_cast<std::size_t>(type));
  return !custom_.empty() &&
         std::binary_search(custom_.begin(), custom_.end(), block.type_name(seq), std::less<>{});
}

bool event_selection::passes(const log_block& block, seq_t seq) const {
  if (!passes_type(block, seq)) return false;
  if (times_.is_open()) return true;
  const auto time = block.mark(seq).time;
  if (times_.surely_too_early(time) || times_.surely_too_late(time)) return false;
  return times_.surely_contains(time) || times_.contains(time_in(block.json(seq)));
}

}  // namespace sandbase
