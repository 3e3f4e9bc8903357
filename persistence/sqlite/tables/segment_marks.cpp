// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/tables/segment_marks.hpp"

#include "events/base/byte_order.hpp"
#include "persistence/sqlite/file/error.hpp"

#define XXH_STATIC_LINKING_ONLY  // for XXH3_state_t on the stack
#include <xxhash.h>

#include <bit>
#include <fmt/core.h>

namespace sandbase::sqlite {

namespace {

// In front of the checksum.
constexpr char has_checksum = 2;
constexpr std::size_t prefix_size = 1 + 8;

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

std::string_view marks_in(const segment_place& place, std::string_view column) {
  const auto damaged = [&](std::string_view why) {
    return error(errc::corrupt, fmt::format("events {} to {} of session {}: {}", place.first, place.last,
                                            place.session, why));
  };
  if (column.size() < prefix_size || column.front() != has_checksum)
    throw damaged("the stored marks have no checksum");
  const auto marks = column.substr(prefix_size);
  if (load_number<byte_order::little, std::int64_t>(column.substr(1)) != checksum_of(place, marks))
    throw damaged("the stored marks do not match their checksum");
  return marks;
}

}  // namespace sandbase::sqlite
