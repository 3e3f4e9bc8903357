// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/tables/segment_table.hpp"

#include "persistence/segment_codec.hpp"
#include "persistence/segment_merging.hpp"

#include <fmt/core.h>

namespace sandbase::sqlite {

namespace {

/// The last segments of the session if there are small_run of them and all are small, oldest first.
std::vector<std::int64_t> small_tail(connection& db, session_key session) {
  auto rows =
      db.query("SELECT id, length(frames) FROM segments WHERE session=?1 ORDER BY first_seq DESC LIMIT ?2",
               session, small_run);
  std::vector<std::int64_t> ids;
  while (rows.next()) {
    if (static_cast<std::size_t>(rows->integer(1)) >= sealed_block_bytes) return {};
    ids.insert(ids.begin(), rows->integer(0));
  }
  if (ids.size() < small_run) ids.clear();
  return ids;
}

log_block_ptr load_by_id(connection& db, segment_loader& loader, std::int64_t id) {
  auto rows = db.query("SELECT " SANDBASE_SEGMENT_COLUMNS " FROM segments WHERE id=?1", id);
  if (!rows.next()) throw error(errc::corrupt, fmt::format("segment {} is gone", id));
  return loader.load(rows.row());
}

}  // namespace

void insert_segment(connection& db, session_key session, const log_block& block) {
  const segment_place place{session, block.first_seq(), block.last_seq()};
  const auto [marks, checksum] = encode_segment(place, block);
  db.run(
      "INSERT INTO segments(session, first_seq, last_seq, checksum, marks, frames) VALUES(?1, ?2, ?3, ?4, "
      "?5, ?6)",
      session, block.first_seq(), block.last_seq(), checksum, blob{marks}, blob{block.frames()});
}

void rewrite_segment(connection& db, session_key session, const log_block& block) {
  const segment_place place{session, block.first_seq(), block.last_seq()};
  const auto [marks, checksum] = encode_segment(place, block);
  db.run("UPDATE segments SET checksum=?3, marks=?4, frames=?5 WHERE session=?1 AND first_seq=?2", session,
         block.first_seq(), checksum, blob{marks}, blob{block.frames()});
}

void merge_small_segments(connection& db, session_key session) {
  const auto ids = small_tail(db, session);
  if (ids.empty()) return;
  std::vector<log_block_ptr> blocks;
  try {
    segment_loader loader{db};
    for (const auto id : ids) blocks.push_back(load_by_id(db, loader, id));
  } catch (const error& e) {
    // Behind an error of its own SQLite commits nothing.
    if (e.is_of_sqlite() || e.as_failure().code != errc::corrupt) throw;
    return;
  }
  for (const auto id : ids) db.run("DELETE FROM segments WHERE id=?1", id);
  for (const auto& block : join_small(blocks)) insert_segment(db, session, *block);
}

std::string segment_loader::read_frames(std::int64_t id) {
  const int code = frames_ == nullptr
                       ? sqlite3_blob_open(db_.handle(), "main", "segments", "frames", id, 0, &frames_)
                       : sqlite3_blob_reopen(frames_, id);
  if (code != SQLITE_OK) db_.fail(code, fmt::format("cannot open segment {}", id));
  std::string bytes;
  bytes.resize(static_cast<std::size_t>(sqlite3_blob_bytes(frames_)));
  const int read = sqlite3_blob_read(frames_, bytes.data(), static_cast<int>(bytes.size()), 0);
  if (read != SQLITE_OK) db_.fail(read, fmt::format("cannot read segment {}", id));
  return bytes;
}

log_block_ptr segment_loader::load(const statement& row) {
  const auto session = row.integer(1);
  const auto first = static_cast<seq_t>(row.integer(2));
  const auto last = static_cast<seq_t>(row.integer(3));
  const held_blocks::key key{session, first, last, row.integer(4)};
  if (held_)
    if (auto block = held_->find(key)) return block;
  auto frames = read_frames(row.integer(0));
  const auto marks = row.bytes(5);
  auto block = unwrap(decode_segment({session, first, last}, key.checksum, marks, std::move(frames)));
  if (held_) held_->add(key, block);
  return block;
}

log_block_ptr load_segment_with(connection& db, session_key session, seq_t seq) {
  auto rows = db.query("SELECT " SANDBASE_SEGMENT_COLUMNS
                       " FROM segments WHERE session=?1 AND first_seq<=?2 ORDER BY first_seq DESC LIMIT 1",
                       session, seq);
  if (!rows.next() || static_cast<seq_t>(rows->integer(3)) < seq) return nullptr;
  return segment_loader{db}.load(rows.row());
}

}  // namespace sandbase::sqlite
