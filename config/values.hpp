// SPDX-License-Identifier: Apache-2.0
// Option values as text: durations with a unit, sizes in bytes or with a binary unit, counts.
// Failures are `invalid` and say what would have been accepted; they do not name the option.
#pragma once

#include "events/base/result.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace sandbase {

/// `10s`, `500ms`, `5min`, `1h`; the unit is required. Fractions are not taken.
result<std::chrono::milliseconds> parse_duration(std::string_view text);
/// In the largest unit that divides it: `10s`, `90s`, `5min`.
std::string format_duration(std::chrono::milliseconds d);

/// Plain bytes (`65536`) or with a unit: `64KiB`, `8MiB`, `1GiB`.
result<std::size_t> parse_size(std::string_view text);
/// In the largest unit that divides it: `8MiB`, `100`.
std::string format_size(std::size_t bytes);

/// Decimal digits only.
result<std::size_t> parse_count(std::string_view text);

}  // namespace sandbase
