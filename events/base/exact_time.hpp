// SPDX-License-Identifier: Apache-2.0
// Times of events at full precision. Clocks, marks and headers keep milliseconds (events/base/timestamp.hpp);
// an event that came with finer digits keeps them in its JSON, and is compared by them.
#pragma once

#include "events/base/timestamp.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sandbase {

/// A point in time to the nanosecond, UTC. (Nanoseconds since the epoch do not fit 64 bits for the years that
/// are taken.)
struct exact_time {
  timestamp ms{};
  /// Behind `ms`: 0 to 999'999.
  std::uint32_t nanos = 0;

  exact_time() = default;
  /// Not explicit: a time in milliseconds is an exact one.
  exact_time(timestamp t) : ms(t) {}
  exact_time(timestamp t, std::uint32_t behind) : ms(t), nanos(behind) {}

  auto operator<=>(const exact_time&) const = default;
};

/// As parse_timestamp, to the nanosecond; digits below are dropped.
std::optional<exact_time> parse_exact_time(std::string_view text);

/// When milliseconds are all there is to say, the first that does not lie before `t` (but no later than
/// last_timestamp).
timestamp round_up(const exact_time& t);

/// RFC 3339 with as many fractional digits as `t` has, three at least.
std::string format_exact_time(const exact_time& t);

}  // namespace sandbase
