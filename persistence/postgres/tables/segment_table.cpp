// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/tables/segment_table.hpp"

#include "persistence/segment_codec.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase::postgres {

namespace {

// So many bytes of frames at a time, and no more rows than that: sizes stand in the rows, frames do not.
#define SANDBASE_SOME_SEGMENTS(condition, direction)                                                 \
  "SELECT t.sealed_seq, q.first_seq, q.last_seq, q.checksum, q.marks, q.frames FROM tips t "         \
  "LEFT JOIN LATERAL (SELECT s.*, sum(octet_length(s.frames)) OVER (ORDER BY s.first_seq " direction \
  " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before FROM (SELECT * FROM segments "       \
  "WHERE session = $1::bigint AND " condition " ORDER BY first_seq " direction                       \
  " LIMIT 32) s) q "                                                                                 \
  "ON coalesce(q.before, 0) < $4::bigint WHERE t.session = $1::bigint ORDER BY q.first_seq " direction

const statement read_forwards{
    "read_segments",
    SANDBASE_SOME_SEGMENTS("last_seq > $2::bigint AND first_seq <= $3::bigint AND first_seq >= "
                           "coalesce((SELECT max(first_seq) FROM segments WHERE session = "
                           "$1::bigint AND first_seq <= $2::bigint + 1), 0)",
                           "ASC")};
const statement read_backwards{
    "read_segments_back",
    SANDBASE_SOME_SEGMENTS("first_seq < $3::bigint AND first_seq >= coalesce((SELECT max(first_seq) "
                           "FROM segments WHERE session = $1::bigint AND first_seq <= "
                           "$2::bigint), 0)",
                           "DESC")};

const statement find_segment{
    "find_segment",
    "SELECT 0, first_seq, last_seq, checksum, marks, frames FROM segments WHERE session = $1::bigint AND "
    "first_seq <= $2::bigint ORDER BY first_seq DESC LIMIT 1"};

error gap(session_key session, seq_t seq) {
  return error(errc::corrupt, fmt::format("event {} of session {} is missing", seq, session));
}
error gone() { return error(errc::not_found, "no such session"); }

log_block_ptr load(const rows& found, int i, session_key session, held_blocks* held) {
  const segment_place place{session, found.number(i, 1), found.number(i, 2)};
  const held_blocks::key key{session, place.first, place.last, found.integer(i, 3)};
  if (held != nullptr)
    if (auto block = held->find(key)) return block;
  auto block = unwrap(decode_segment(place, key.checksum, found.bytes(i, 4), found.text(i, 5)));
  if (held != nullptr) held->add(key, block);
  return block;
}

/// Bytes for which there is always a segment.
std::size_t at_least_one(std::size_t bytes) { return std::max<std::size_t>(bytes, 1); }

bool is_cut(const rows& found) { return found.count() == 1 && found.is_null(0, 1); }

}  // namespace

void segment_arrays::add(session_key session, const log_block& block) {
  const segment_place place{session, block.first_seq(), block.last_seq()};
  const auto [marks, checksum] = encode_segment(place, block);
  first_.add(place.first);
  last_.add(place.last);
  checksum_.add(checksum);
  marks_.add(marks);
  frames_.add(block.frames());
  bytes_ += block.frames().size();
}

void segment_arrays::add_to(parameters& with) {
  for (auto* column : {&first_, &last_, &checksum_, &marks_, &frames_}) with.add(std::move(*column));
}

log_slice read_segments(connection& db, session_key session, seq_t after, seq_t up_to, std::size_t max_bytes,
                        held_blocks& held) {
  log_slice slice;
  std::size_t bytes = 0;
  for (seq_t next = after + 1; slice.empty() || bytes < max_bytes;) {
    const auto found =
        db.run(read_forwards, parameters{session, next - 1, up_to, at_least_one(max_bytes - bytes)});
    if (found.empty()) throw gone();
    const auto last = std::min(up_to, found.number(0, 0));
    if (next > last) return slice;
    if (is_cut(found)) throw gap(session, next);
    for (int i = 0; i < found.count() && next <= last && (slice.empty() || bytes < max_bytes); ++i) {
      const auto block = load(found, i, session, &held);
      // What is joined with others meanwhile may begin before it.
      if (block->first_seq() > next || block->last_seq() < next) throw gap(session, next);
      slice.spans.push_back({block, next, std::min(block->last_seq(), last)});
      bytes += slice.spans.back().frames().size();
      next = slice.last_seq() + 1;
    }
  }
  return slice;
}

log_slice read_segments_back(connection& db, session_key session, seq_t from, seq_t before,
                             std::size_t max_bytes, held_blocks& held) {
  const auto first = std::max<seq_t>(from, 1);
  log_slice slice;
  std::size_t bytes = 0;
  for (auto end = before; slice.empty() || bytes < max_bytes;) {
    const auto found =
        db.run(read_backwards, parameters{session, first, end, at_least_one(max_bytes - bytes)});
    if (found.empty()) throw gone();
    end = std::min(end, found.number(0, 0) + 1);
    if (end <= first) break;
    if (is_cut(found)) throw gap(session, end - 1);
    for (int i = 0; i < found.count() && end > first && (slice.empty() || bytes < max_bytes); ++i) {
      const auto block = load(found, i, session, &held);
      if (block->first_seq() >= end || block->last_seq() + 1 < end) throw gap(session, end - 1);
      slice.spans.push_back({block, std::max(block->first_seq(), first), end - 1});
      bytes += slice.spans.back().frames().size();
      end = slice.spans.back().first;
    }
  }
  std::ranges::reverse(slice.spans);
  return slice;
}

log_block_ptr load_segment_with(connection& db, session_key session, seq_t seq) {
  const auto found = db.run(find_segment, parameters{session, seq});
  if (found.empty() || found.number(0, 2) < seq) return nullptr;
  return load(found, 0, session, nullptr);
}

}  // namespace sandbase::postgres
