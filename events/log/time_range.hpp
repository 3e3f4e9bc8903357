// SPDX-License-Identifier: Apache-2.0
// Bounds on the times of events or sessions, as a filter gives them.
#pragma once

#include "events/base/exact_time.hpp"

#include <optional>

namespace sandbase {

/// The four operators of a filter; all that are given hold.
struct time_range {
  std::optional<exact_time> gt, gte, lt, lte;

  bool is_open() const { return !gt && !gte && !lt && !lte; }
  bool too_early(const exact_time& t) const { return (gt && t <= *gt) || (gte && t < *gte); }
  bool too_late(const exact_time& t) const { return (lt && t >= *lt) || (lte && t > *lte); }
  bool contains(const exact_time& t) const { return !too_early(t) && !too_late(t); }

  // Of a time only its millisecond is known: whether that is certain.
  bool surely_too_early(timestamp ms) const { return too_early(last_in(ms)); }
  bool surely_too_late(timestamp ms) const { return too_late(exact_time{ms}); }
  bool surely_contains(timestamp ms) const { return contains(exact_time{ms}) && contains(last_in(ms)); }

 private:
  static exact_time last_in(timestamp ms) { return {ms, 999'999}; }
};

}  // namespace sandbase
