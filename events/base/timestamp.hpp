// SPDX-License-Identifier: Apache-2.0
// Points in time with the precision of the API: milliseconds, UTC.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace sandbase {

/// Milliseconds since the Unix epoch, UTC.
using timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

/// Where "now" comes from. Tests and simulations pass a clock of their own.
/// Called from any thread: an implementation must be thread-safe.
using clock_fn = timestamp (*)();

/// The last that can be written: years have four digits.
inline constexpr timestamp last_timestamp =
    std::chrono::sys_days{std::chrono::year{9999} / std::chrono::December / 31} + std::chrono::hours{24} -
    std::chrono::milliseconds{1};

/// The wall clock.
timestamp system_now();

/// `2026-05-29T10:00:03.120Z` (RFC 3339, always three fractional digits).
std::string format_timestamp(timestamp t);

/// Parses RFC 3339 with any offset and any number of fractional digits (below milliseconds are dropped).
/// Years 0000 to 9999. A leap second (`:60`) reads as the first instant of the next minute.
std::optional<timestamp> parse_timestamp(std::string_view text);

}  // namespace sandbase
