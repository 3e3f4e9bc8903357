// SPDX-License-Identifier: Apache-2.0
// Cutting slices out of a session's segments.
#include "persistence/sqlite/roles/reader.hpp"
#include "persistence/sqlite/tables/segment_table.hpp"
#include "persistence/sqlite/tables/session_table.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase::sqlite {

namespace {

error gap(session_key session, seq_t seq) {
  return error(errc::corrupt, fmt::format("event {} of session {} is missing", seq, session));
}

seq_t sealed_seq(connection& db, session_key session) {
  const auto end = load_sealed_end(db, session);
  return end ? end->seq : 0;
}

}  // namespace

log_slice read_segments(connection& db, session_key session, seq_t after, seq_t up_to, std::size_t max_bytes,
                        held_blocks* held) {
  const snapshot view{db};
  log_slice slice;
  const auto last = std::min(up_to, sealed_seq(db, session));
  if (after >= last) return slice;
  auto rows = db.query(
      "SELECT " SANDBASE_SEGMENT_COLUMNS
      " FROM segments WHERE session=?1 AND first_seq<=?3 AND first_seq>=coalesce("
      "(SELECT max(first_seq) FROM segments WHERE session=?1 AND first_seq<=?2), ?2) ORDER BY first_seq",
      session, after + 1, last);
  segment_loader loader{db, held};
  std::size_t bytes = 0;
  seq_t next = after + 1;
  while (next <= last && (slice.empty() || bytes < max_bytes)) {
    if (!rows.next()) throw gap(session, next);
    auto block = loader.load(rows.row());
    const bool fits = slice.empty() ? block->first_seq() <= next : block->first_seq() == next;
    if (!fits || block->last_seq() < next) throw gap(session, next);
    const block_span span{block, next, std::min(block->last_seq(), last)};
    bytes += span.frames().size();
    next = span.last + 1;
    slice.spans.push_back(span);
  }
  return slice;
}

log_slice read_segments_back(connection& db, session_key session, seq_t from, seq_t before,
                             std::size_t max_bytes, held_blocks* held) {
  const snapshot view{db};
  log_slice slice;
  const auto first = std::max<seq_t>(from, 1);
  seq_t end = std::min(before, sealed_seq(db, session) + 1);  // one past what is still wanted
  if (first >= end) return slice;
  auto rows = db.query("SELECT " SANDBASE_SEGMENT_COLUMNS
                       " FROM segments WHERE session=?1 AND first_seq<?2 ORDER BY first_seq DESC",
                       session, end);
  segment_loader loader{db, held};
  std::size_t bytes = 0;
  while (end > first && (slice.empty() || bytes < max_bytes)) {
    if (!rows.next()) throw gap(session, end - 1);
    auto block = loader.load(rows.row());
    const bool fits = slice.empty() ? block->last_seq() + 1 >= end : block->last_seq() + 1 == end;
    if (!fits) throw gap(session, end - 1);
    const block_span span{block, std::max(block->first_seq(), first), end - 1};
    bytes += span.frames().size();
    end = span.first;
    slice.spans.push_back(span);
  }
  std::ranges::reverse(slice.spans);
  return slice;
}

}  // namespace sandbase::sqlite
