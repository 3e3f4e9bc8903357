// SPDX-License-Identifier: Apache-2.0
// Rows of the table `segments`: sealed blocks as they go to the wire. A checksum over all that a row says is
// tested at every read.
#pragma once

#include "persistence/event_reader.hpp"
#include "persistence/held_blocks.hpp"
#include "persistence/postgres/sql/connection.hpp"

#include <span>

namespace sandbase::postgres {

/// Columns of rows to be written.
class segment_arrays {
 public:
  /// Room for so many bytes of frames.
  void reserve(std::size_t count, std::size_t bytes) { frames_.reserve(count, bytes); }
  void add(session_key session, const log_block& block);
  /// As parameters: first_seq, last_seq, checksum, marks, frames. Nothing is left here.
  void add_to(parameters& with);
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  array first_ = integers();
  array last_ = integers();
  array checksum_ = integers();
  array marks_ = byte_strings();
  array frames_ = byte_strings();
  std::size_t bytes_ = 0;
};

// As event_reader's calls of the same names, but for deleted sessions, which are `not_found` at once. `held`:
// blocks that somebody still holds are shared.
log_slice read_segments(connection& db, session_key session, seq_t after, seq_t up_to, std::size_t max_bytes,
                        held_blocks& held);
log_slice read_segments_back(connection& db, session_key session, seq_t from, seq_t before,
                             std::size_t max_bytes, held_blocks& held);

/// The segment that holds `seq`; null if none does.
log_block_ptr load_segment_with(connection& db, session_key session, seq_t seq);

/// As event_reader::search().
search_result search_segments(connection& db, session_key session, const search_range& range,
                              const event_selection& what, const std::function<bool()>& enough);

}  // namespace sandbase::postgres
