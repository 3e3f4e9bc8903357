// SPDX-License-Identifier: Apache-2.0
// A sealed block as stores keep it: its frames as they go to the wire, and beside them a column `marks`: a 2
// (u8), a checksum (u64, little-endian) of the place and of what follows, and encoded marks
// (events/log/log_marks.hpp). So marks can be read without the frames.
#pragma once

#include "events/base/result.hpp"
#include "events/log/log_block.hpp"
#include "events/log/log_marks.hpp"
#include "persistence/records.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sandbase {

/// Which events of which session a segment holds.
struct segment_place {
  session_key session = 0;
  seq_t first = 0;
  seq_t last = 0;
};

/// What a segment tells of its events beside their frames.
struct marked_segment {
  seq_t first = 0;
  seq_t last = 0;
  log_marks marks;
};

/// XXH3 over the place and the parts, one behind the other.
std::int64_t checksum_of(const segment_place& place, std::string_view part, std::string_view next = {});

/// What a row holds beside its place; the frames are the block's.
struct segment_columns {
  std::string marks;
  /// Of the place, the marks and the frames.
  std::int64_t checksum = 0;
};
segment_columns encode_segment(const segment_place& place, const log_block& block);
/// The block in a row. `corrupt`, naming the events, if the checksum or the parts disagree.
result<log_block_ptr> decode_segment(const segment_place& place, std::int64_t checksum,
                                     std::string_view marks_column, std::string frames);

std::string marks_column(const segment_place& place, std::string_view marks);
/// The encoded marks in a column. `corrupt`, naming the events, if they do not fit their checksum.
result<std::string_view> marks_in(const segment_place& place, std::string_view column);

/// The same, taken apart. `corrupt` if they are not of as many events as the place has.
result<marked_segment> read_marks(const segment_place& place, std::string_view column);

}  // namespace sandbase
