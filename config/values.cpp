// SPDX-License-Identifier: Apache-2.0
#include "config/values.hpp"

#include "http/wire/text.hpp"

#include <array>
#include <fmt/core.h>
#include <limits>
#include <optional>

namespace sandbase {
namespace {

struct unit {
  std::string_view name;
  std::size_t factor;
};

// Ascending: formatting takes the last one that divides the value.
constexpr std::array<unit, 4> duration_units{{{"ms", 1}, {"s", 1000}, {"min", 60'000}, {"h", 3'600'000}}};
constexpr std::array<unit, 4> size_units{
    {{"", 1}, {"KiB", 1024}, {"MiB", 1024 * 1024}, {"GiB", 1024 * 1024 * 1024}}};

template <std::size_t N>
std::optional<std::size_t> parse_with_unit(std::string_view text, const std::array<unit, N>& units) {
  const auto split = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = parse_number(text.substr(0, split));
  if (!number) return std::nullopt;
  for (const auto& u : units) {
    if (u.name != text.substr(split)) continue;
    // Kept inside what a signed 64-bit count of milliseconds or bytes can hold.
    if (*number > std::size_t{std::numeric_limits<std::int64_t>::max()} / u.factor) return std::nullopt;
    return *number * u.factor;
  }
  return std::nullopt;
}

template <std::size_t N>
std::string format_with_unit(std::size_t value, const std::array<unit, N>& units) {
  auto best = units.front();
  for (const auto& u : units)
    if (value != 0 && value % u.factor == 0) best = u;
  return fmt::format("{}{}", value / best.factor, best.name);
}

}  // namespace

result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  if (const auto ms = parse_with_unit(text, duration_units))
    return std::chrono::milliseconds{static_cast<std::int64_t>(*ms)};
  return {errc::invalid, "must be a duration such as 500ms, 10s, 5min or 1h"};
}

std::string format_duration(std::chrono::milliseconds d) {
  return format_with_unit(static_cast<std::size_t>(d.count()), duration_units);
}

result<std::size_t> parse_size(std::string_view text) {
  if (const auto bytes = parse_with_unit(text, size_units)) return *bytes;
  return {errc::invalid, "must be a size in bytes such as 65536, 64KiB, 8MiB or 1GiB"};
}

std::string format_size(std::size_t bytes) { return format_with_unit(bytes, size_units); }

result<std::size_t> parse_count(std::string_view text) {
  if (const auto n = parse_number(text)) return *n;
  return {errc::invalid, "must be a whole number"};
}

}  // namespace sandbase
