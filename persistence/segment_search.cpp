// SPDX-License-Identifier: Apache-2.0
#include "persistence/segment_search.hpp"

#include <algorithm>
#include <optional>

namespace sandbase {

namespace {

/// Stands at one segment at a time.
class searcher {
 public:
  searcher(segment_source& source, const event_selection& what, const std::function<bool()>& enough)
      : source_(source), what_(what), enough_(enough) {}

  search_result forwards(seq_t after, seq_t last) {
    auto at = after + 1;
    while (at <= last && !is_enough()) {
      go_to(at);
      const auto end = std::min(last_, last);
      if (is_too_early(end)) {
        at = first_not_early(end + 1, last);
        continue;
      }
      for (; at <= end; ++at) {
        if (is_too_late(at)) return {at - 1, false, true};
        if (matches(at)) return {at - 1, true, false};
      }
    }
    return {at - 1, false, false};
  }

  search_result backwards(seq_t after, seq_t last) {
    auto at = last;
    while (at > after && !is_enough()) {
      go_to(at);
      const auto begin = std::max(first_, after + 1);
      if (is_too_late(begin)) {
        at = last_not_late(after + 1, begin - 1);
        continue;
      }
      for (; at >= begin; --at) {
        if (is_too_early(at)) return {at, false, true};
        if (matches(at)) return {at, true, false};
      }
    }
    return {at, false, false};
  }

 private:
  bool is_enough() { return std::exchange(got_ahead_, true) && enough_(); }

  void go_to(seq_t seq) {
    block_.reset();
    at_ = source_.find(seq);
    first_ = at_->first;
    last_ = at_->last;
  }

  // Of the segment that it stands at.
  bool is_too_early(seq_t seq) const { return what_.times().surely_too_early(at_->marks.time(seq - first_)); }
  bool is_too_late(seq_t seq) const { return what_.times().surely_too_late(at_->marks.time(seq - first_)); }
  bool matches(seq_t seq) {
    const auto told = what_.judge(at_->marks, seq - first_);
    if (told != event_selection::verdict::unsure) return told == event_selection::verdict::yes;
    if (!block_) block_ = source_.load();
    return what_.passes(*block_, seq);
  }

  /// By bisection, as times never decrease along a log: a place in [low, high + 1] before which all of
  /// [low, high] is too early, in the segment of the first event that is not.
  seq_t first_not_early(seq_t low, seq_t high) {
    for (auto end = high + 1; low < end;) {
      go_to(low + (end - low) / 2);
      const auto begin = std::max(first_, low);
      if (is_too_early(std::min(last_, high)))
        low = last_ + 1;
      else if (begin == low || is_too_early(begin))
        return begin;
      else
        end = begin;
    }
    return std::min(low, high + 1);
  }
  /// The same towards the front: a place in [low - 1, high] behind which all of [low, high] is too late.
  seq_t last_not_late(seq_t low, seq_t high) {
    while (low <= high) {
      go_to(low + (high - low) / 2);
      const auto end = std::min(last_, high);
      if (is_too_late(std::max(first_, low)))
        high = std::max(first_, low) - 1;
      else if (end == high || is_too_late(end))
        return end;
      else
        low = end + 1;
    }
    return high;
  }

  segment_source& source_;
  const event_selection& what_;
  const std::function<bool()>& enough_;
  bool got_ahead_ = false;
  std::optional<marked_segment> at_;
  seq_t first_ = 0;
  seq_t last_ = 0;
  /// If its events had to be read.
  log_block_ptr block_;
};

}  // namespace

search_result search_segments(segment_source& source, const search_range& range, seq_t sealed,
                              const event_selection& what, const std::function<bool()>& enough) {
  const auto last = std::min(range.up_to, sealed);
  if (last <= range.after) return {range.after, false, false};
  searcher search{source, what, enough};
  return range.backwards ? search.backwards(range.after, last) : search.forwards(range.after, last);
}

}  // namespace sandbase
