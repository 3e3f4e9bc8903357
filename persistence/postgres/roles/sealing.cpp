// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/roles/sealing.hpp"

#include "persistence/postgres/tables/segment_table.hpp"
#include "persistence/segment_merging.hpp"

namespace sandbase::postgres {

namespace {

// The blocks ($8 to $12 as they are stored; $13, $14: what their last event's head and all their proofs are)
// must be what the journal holds: where a failover lost commits, epochs and places come again.
const statement seal_events{
    "seal",
    "WITH locked AS (SELECT session FROM tips WHERE session = $1::bigint AND epoch = $2::bigint "
    "AND sealed_seq = $3::bigint AND $7::bigint <= $5::bigint AND last_seq >= $4::bigint AND (last_seq > "
    "$5::bigint OR "
    "(last_seq = $5::bigint AND head = $6::bytea)) FOR NO KEY UPDATE), "
    "blocks AS (SELECT * FROM unnest($8::bigint[], $9::bigint[], $10::bigint[], $11::bytea[], $12::bytea[], "
    "$13::bytea[], $14::bytea[]) AS b(first_seq, last_seq, checksum, marks, frames, head, proofs)), "
    "fits AS (SELECT session FROM locked WHERE NOT EXISTS (SELECT FROM blocks b WHERE NOT coalesce((SELECT "
    "count(*) = b.last_seq - b.first_seq + 1 AND string_agg(j.proof, ''::bytea ORDER BY j.seq) = b.proofs "
    "AND bool_or(j.seq = b.last_seq AND j.head = b.head) FROM journal j WHERE j.session = $1::bigint "
    "AND j.seq >= b.first_seq AND j.seq <= b.last_seq), false))), "
    "taken AS (DELETE FROM journal j USING fits WHERE j.session = fits.session AND j.seq > $3::bigint "
    "AND j.seq <= $7::bigint), "
    "put AS (INSERT INTO segments(session, first_seq, last_seq, checksum, marks, frames) "
    "SELECT fits.session, b.first_seq, b.last_seq, b.checksum, b.marks, b.frames FROM blocks b, fits), "
    "ends AS (UPDATE tips t SET sealed_seq = $7::bigint, sealed_head = $15::bytea FROM fits "
    "WHERE t.session = fits.session), "
    "headers AS (UPDATE sessions s SET status = $16::bigint, last_seq = $5::bigint, progress = $17::bytea "
    "FROM fits WHERE s.key = fits.session AND s.last_seq <= $5::bigint) "
    "SELECT session FROM fits"};

const statement find_small{"find_small_segments",
                           "SELECT first_seq, octet_length(frames) FROM segments WHERE session = $1::bigint "
                           "ORDER BY first_seq DESC LIMIT $2::bigint"};
// Whoever writes segments of a session has its row.
const statement lock_session{"lock_session",
                             "SELECT sealed_seq FROM tips WHERE session = $1::bigint FOR NO KEY UPDATE"};
const statement remove_from{"remove_segments_from",
                            "DELETE FROM segments WHERE session = $1::bigint AND first_seq >= $2::bigint "
                            "AND first_seq <= $3::bigint"};
const statement insert_segments{
    "insert_segments",
    "INSERT INTO segments(session, first_seq, last_seq, checksum, marks, frames) SELECT $1::bigint, b.* "
    "FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[], $6::bytea[]) AS b"};

}  // namespace

bool follow_each_other(const std::vector<log_block_ptr>& blocks) {
  for (std::size_t i = 1; i < blocks.size(); ++i)
    if (blocks[i]->first_seq() != blocks[i - 1]->last_seq() + 1) return false;
  return true;
}

std::size_t add_seal(pipeline& calls, const seal_op& op, seq_t least) {
  segment_arrays segments;
  auto heads = byte_strings();
  auto proofs = byte_strings();
  std::size_t bytes = 0;
  for (const auto& block : op.blocks) bytes += block->frames().size();
  segments.reserve(op.blocks.size(), bytes);
  for (const auto& block : op.blocks) {
    segments.add(op.session, *block);
    heads.add(block->head());
    std::string all;
    for (auto seq = block->first_seq(); seq <= block->last_seq(); ++seq) all += block->proof(seq).bytes();
    proofs.add(all);
  }
  const auto& last = *op.blocks.back();
  const auto& p = op.header->progress;
  parameters with{op.session, op.epoch,       op.blocks.front()->first_seq() - 1, least, p.tip.last_seq,
                  p.tip.head, last.last_seq()};
  segments.add_to(with);
  with.add(std::move(heads));
  with.add(std::move(proofs));
  with.add(last.head());
  with.add(static_cast<int>(p.status));
  with.add(p.encode());
  return calls.add(seal_events, std::move(with));
}

bool was_sealed(const rows& answer) { return !answer.empty(); }

bool merge_small_segments(connection& db, session_key session) {
  transaction all{db};
  // Whoever else writes segments waits for the row, or has come before.
  const auto tip = db.run(lock_session, parameters{session});
  if (tip.empty()) return false;
  const auto small = db.run(find_small, parameters{session, small_run});
  if (small.count() < static_cast<int>(small_run)) return false;
  for (int i = 0; i < small.count(); ++i)
    if (small.number(i, 1) >= sealed_block_bytes) return false;
  const auto first = small.number(small.count() - 1, 0);
  held_blocks unused;
  const auto slice =
      read_segments(db, session, first - 1, max_told_seq, merged_block_bytes * small_run, unused);
  std::vector<log_block_ptr> blocks;
  for (const auto& span : slice.spans) blocks.push_back(span.block);
  if (blocks.empty() || blocks.front()->first_seq() != first || slice.last_seq() != tip.number(0, 0))
    return false;
  segment_arrays joined;
  for (const auto& block : join_small(blocks)) joined.add(session, *block);
  parameters with{session};
  joined.add_to(with);
  pipeline rest;
  rest.add(remove_from, parameters{session, first, slice.last_seq()});
  rest.add(insert_segments, std::move(with));
  all.commit(rest);
  return true;
}

}  // namespace sandbase::postgres
