// SPDX-License-Identifier: Apache-2.0
// What stands in the column `marks` of a segment: a 2 (u8), a checksum (u64, little-endian) of the place and
// of what follows, and encoded marks (events/log/log_marks.hpp). So they can be read without the frames.
#pragma once

#include "persistence/event_reader.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sandbase::sqlite {

/// Which events of which session a segment holds.
struct segment_place {
  session_key session = 0;
  seq_t first = 0;
  seq_t last = 0;
};

/// XXH3 over the place and the parts, one behind the other.
std::int64_t checksum_of(const segment_place& place, std::string_view part, std::string_view next = {});

std::string marks_column(const segment_place& place, std::string_view marks);
/// The encoded marks in a column. Throws `corrupt` if they do not fit their checksum.
std::string_view marks_in(const segment_place& place, std::string_view column);

}  // namespace sandbase::sqlite
