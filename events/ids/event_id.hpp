// SPDX-License-Identifier: Apache-2.0
// Identifiers: ULIDs (github.com/ulid/spec) behind a prefix. An event's ULID also tells its place in the log.
#pragma once

#include "events/base/timestamp.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sandbase {

/// Position of an event in its session's log: 1, 2, 3, … 0 stands before the first.
using seq_t = std::uint64_t;

inline constexpr std::size_t max_id_size = 128;
/// Places that an id can tell: 40 bits.
inline constexpr seq_t max_told_seq = (seq_t{1} << 40) - 1;

/// `prefix_` + ULID of time `t` and 80 random bits (of which `random_high` gives the upper 16).
std::string make_id(std::string_view prefix, timestamp t, std::uint16_t random_high,
                    std::uint64_t random_low);

/// Same, with random bits from a thread-local generator seeded by the operating system.
std::string make_id(std::string_view prefix, timestamp t);

/// `sevt_` + ULID whose 80 "random" bits are `seq` (high 40) and `noise` (low 40): within a session
/// these ids sort as its log, and an id gives its place without an index.
/// @pre seq <= max_told_seq
std::string make_event_id(timestamp t, seq_t seq, std::uint64_t noise);

/// The place that an id of the form of make_event_id tells. To be believed only after the event at that
/// place shows the same id.
std::optional<seq_t> told_place(std::string_view id);

/// `[A-Za-z]+_[A-Za-z0-9]{1,64}`, at most max_id_size characters.
bool is_valid_id(std::string_view id);

/// 64 random bits from a thread-local generator seeded by the operating system. Not for secrets.
std::uint64_t random_bits();

}  // namespace sandbase
