// SPDX-License-Identifier: Apache-2.0
#include "persistence/segment_codec.hpp"

#include "events/base/byte_order.hpp"

#define XXH_STATIC_LINKING_ONLY  // for XXH3_state_t on the stack
#include <xxhash.h>

#include <bit>
#include <fmt/core.h>

namespace sandbase {

namespace {

// In front of the checksum.
constexpr char has_checksum = 2;
constexpr std::size_t prefix_size = 1 + 8;

failure damaged(const segment_place& place, std::string_view why) {
  return {errc::corrupt,
          fmt::format("events {} to {} of session {}: {}", place.first, place.last, place.session, why)};
}

}  // namespace

std::int64_t checksum_of(const segment_place& place, std::string_view part, std::string_view next) {
  std::string numbers;
  append_number<byte_order::little>(numbers, place.session);
  append_number<byte_order::little>(numbers, place.first);
  append_number<byte_order::little>(numbers, place.last);
  XXH3_state_t state;
  XXH3_64bits_reset(&state);
  XXH3_64bits_update(&state, numbers.data(), numbers.size());
  XXH3_64bits_update(&state, part.data(), part.size());
  XXH3_64bits_update(&state, next.data(), next.size());
  return std::bit_cast<std::int64_t>(XXH3_64bits_digest(&state));
}

std::string marks_column(const segment_place& place, std::string_view marks) {
  std::string column{has_checksum};
  column.reserve(prefix_size + marks.size());
  append_number<byte_order::little>(column, checksum_of(place, marks));
  return column.append(marks);
}

result<std::string_view> marks_in(const segment_place& place, std::string_view column) {
  if (column.size() < prefix_size || column.front() != has_checksum)
    return damaged(place, "the stored marks have no checksum");
  const auto marks = column.substr(prefix_size);
  if (load_number<byte_order::little, std::int64_t>(column.substr(1)) != checksum_of(place, marks))
    return damaged(place, "the stored marks do not match their checksum");
  return marks;
}

result<marked_segment> read_marks(const segment_place& place, std::string_view column) {
  const auto encoded = marks_in(place, column);
  if (!encoded) return encoded.error();
  auto marks = log_marks::parse(*encoded);
  if (!marks) return std::move(marks).error();
  if (marks->count() != place.last - place.first + 1) return damaged(place, "the range is wrong");
  return marked_segment{place.first, place.last, *std::move(marks)};
}

segment_columns encode_segment(const segment_place& place, const log_block& block) {
  segment_columns columns{marks_column(place, block.encode_marks()), 0};
  columns.checksum = checksum_of(place, columns.marks, block.frames());
  return columns;
}

result<log_block_ptr> decode_segment(const segment_place& place, std::int64_t checksum,
                                     std::string_view marks_column, std::string frames) {
  if (checksum_of(place, marks_column, frames) != checksum)
    return damaged(place, "the stored bytes do not match their checksum");
  const auto marks = marks_in(place, marks_column);
  if (!marks) return marks.error();
  auto block = log_block::decode(place.first, *marks, std::move(frames));
  if (!block) return damaged(place, block.error().message);
  if ((*block)->last_seq() != place.last) return damaged(place, "the segment's range is wrong");
  return block;
}

}  // namespace sandbase
