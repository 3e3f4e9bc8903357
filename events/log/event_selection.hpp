// SPDX-License-Identifier: Apache-2.0
// Which events a reader wants to see: by their types and by their times. Immutable, shared between threads.
#pragma once

#include "events/log/log_block.hpp"
#include "events/log/time_range.hpp"

#include <bitset>
#include <string>
#include <vector>

namespace sandbase {

class event_selection {
 public:
  /// Everything.
  event_selection() = default;
  /// `types`: names, listed in the catalog or not; none: all types.
  event_selection(const std::vector<std::string>& types, const time_range& times);

  bool is_everything() const { return all_types_ && times_.is_open(); }
  const time_range& times() const { return times_; }
  /// As given, in some order.
  std::vector<std::string> types() const;

  enum class verdict : std::uint8_t { no, yes, unsure };
  /// What the mark at `index` tells. Unsure: the event must be read, for its custom type's name or because
  /// its time is of a bound's own millisecond.
  verdict judge(const log_marks& marks, std::size_t index) const;
  /// @pre `block` holds `seq`
  bool passes(const log_block& block, seq_t seq) const;

 private:
  verdict judge_type(const log_marks& marks, std::size_t index) const;
  bool passes_type(const log_block& block, seq_t seq) const;

  bool all_types_ = true;
  time_range times_;
  std::bitset<event_type_count> listed_;
  /// Sorted.
  std::vector<std::string> custom_;
  /// Of custom_, less first_name_code.
  std::bitset<first_name_code> custom_codes_;
};

}  // namespace sandbase
