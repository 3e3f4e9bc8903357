// SPDX-License-Identifier: Apache-2.0
// The time of an event in a log, at full precision: blocks mark milliseconds, the event's own JSON tells the
// rest.
#pragma once

#include "events/base/exact_time.hpp"
#include "events/log/log_block.hpp"

#include <chrono>
#include <compare>
#include <string_view>

namespace sandbase {

/// How far ahead of the clock an event from elsewhere, of a runtime or an import, may be dated.
inline constexpr std::chrono::seconds max_time_ahead{60};

/// The `processed_at` of a stored event, read from its JSON; the epoch if that is not of the stored form.
exact_time time_in(std::string_view stored_json);

/// How the time of an event compares with `bound`. Its mark decides wherever it can; only an event of the
/// bound's own millisecond is read. @pre `block` holds `seq`
std::strong_ordering compare_time(const log_block& block, seq_t seq, const exact_time& bound);

}  // namespace sandbase
