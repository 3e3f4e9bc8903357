// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/tables/segment_marks.hpp"

#include "persistence/sentence.hpp"
#include "persistence/sqlite/file/error.hpp"

#define XXH_STATIC_LINKING_ONLY  // for XXH3_state_t on the stack
#include <xxhash.h>

#include <array>
#include <bit>

namespace sandbase::sqlite {

namespace {

// In front of the checksum.
constexpr char has_checksum = 2;
constexpr std::size_t prefix_size = 1 + 8;

using number = std::array<char, 8>;

/// Little-endian.
number bytes_of(std::uint64_t value) {
  number out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<char>(value >> (8 * i));
  return out;
}
number bytes_of_checksum(const segment_place& place, std::string_view marks) {
  return bytes_of(std::bit_cast<std::uint64_t>(checksum_of(place, marks)));
}

}  // namespace

std::int64_t checksum_of(const segment_place& place, std::string_view part, std::string_view next) {
  const std::array<number, 3> numbers{bytes_of(static_cast<std::uint64_t>(place.session)),
                                      bytes_of(place.first), bytes_of(place.last)};
  XXH3_state_t state;
  XXH3_64bits_reset(&state);
  XXH3_64bits_update(&state, numbers.data(), sizeof numbers);
  XXH3_64bits_update(&state, part.data(), part.size());
  XXH3_64bits_update(&state, next.data(), next.size());
  return std::bit_cast<std::int64_t>(XXH3_64bits_digest(&state));
}

std::string marks_column(const segment_place& place, std::string_view marks) {
  const auto checksum = bytes_of_checksum(place, marks);
  std::string column{has_checksum};
  column.reserve(prefix_size + marks.size());
  return column.append(checksum.data(), checksum.size()).append(marks);
}

std::string_view marks_in(const segment_place& place, std::string_view column) {
  const auto damaged = [&](std::string_view why) {
    return error(errc::corrupt, sentence("events ", place.first, " to ", place.last, " of session ",
                                         place.session, ": ", why));
  };
  if (column.size() < prefix_size || column.front() != has_checksum)
    throw damaged("the stored marks have no checksum");
  const auto marks = column.substr(prefix_size);
  const auto checksum = bytes_of_checksum(place, marks);
  if (column.substr(1, checksum.size()) != std::string_view{checksum.data(), checksum.size()})
    throw damaged("the stored marks do not match their checksum");
  return marks;
}

}  // namespace sandbase::sqlite
