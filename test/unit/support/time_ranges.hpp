// SPDX-License-Identifier: Apache-2.0
// Bounds of time as tests write them.
#pragma once

#include "events/log/time_range.hpp"

namespace sandbase::test {

inline time_range gt(const exact_time& t) {
  time_range r;
  r.gt = t;
  return r;
}
inline time_range gte(const exact_time& t) {
  time_range r;
  r.gte = t;
  return r;
}
inline time_range lt(const exact_time& t) {
  time_range r;
  r.lt = t;
  return r;
}
inline time_range lte(const exact_time& t) {
  time_range r;
  r.lte = t;
  return r;
}
/// From `first` on, before `end`.
inline time_range between(const exact_time& first, const exact_time& end) {
  auto r = gte(first);
  r.lt = end;
  return r;
}

}  // namespace sandbase::test
