// SPDX-License-Identifier: Apache-2.0
// Rows of the table `segments`: sealed blocks as they go to the wire. A
// checksum over all that a row says is tested at every read.
#pragma once

#include "persistence/event_reader.hpp"
#include "persistence/held_blocks.hpp"
#include "persistence/sqlite/sql/connection.hpp"

#include <optional>
#include <string>

namespace sandbase::sqlite {

void insert_segment(connection& db, session_key session, const log_block& block);

/// Puts a block of the same events in the place of the one that the segment holds.
void rewrite_segment(connection& db, session_key session, const log_block& block);

/// If the last small_run segments of the session are all small, joins them into as few as fit
/// merged_block_bytes each. Those that do not match their checksums are left as they are.
void merge_small_segments(connection& db, session_key session);

/// Reads the frames of many segments through one handle, straight into the strings that the blocks own.
/// @pre inside a transaction that outlives it
class segment_loader {
 public:
  /// `held`: blocks of its segments are taken from there while somebody holds them; may be null.
  explicit segment_loader(connection& db, held_blocks* held = nullptr) : db_(db), held_(held) {}
  segment_loader(const segment_loader&) = delete;
  segment_loader& operator=(const segment_loader&) = delete;
  ~segment_loader() { sqlite3_blob_close(frames_); }

  /// The block in a row that begins with SANDBASE_SEGMENT_COLUMNS. Throws
  /// `corrupt` naming it if the checksum or the parts disagree.
  log_block_ptr load(const statement& row);

 private:
  std::string read_frames(std::int64_t id);

  connection& db_;
  held_blocks* held_;
  sqlite3_blob* frames_ = nullptr;
};
#define SANDBASE_SEGMENT_COLUMNS "id, session, first_seq, last_seq, checksum, marks"

/// The segment that holds `seq`; null if none does.
log_block_ptr load_segment_with(connection& db, session_key session, seq_t seq);

}  // namespace sandbase::sqlite
