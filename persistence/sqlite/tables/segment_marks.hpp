// SPDX-License-Identifier: Apache-2.0
// What stands in the column `marks` of a segment: encoded marks (events/log/log_marks.hpp) behind a checksum
// of their own, so that they can be read without the frames. Segments written before schema 3 have bare
// marks: only the checksum over the whole row proves those.
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
/// The encoded marks in a column.
std::string_view marks_in(std::string_view column);
/// Whether the column has a checksum of its own. Throws `corrupt` if it does not fit.
bool proves_itself(const segment_place& place, std::string_view column);

}  // namespace sandbase::sqlite
