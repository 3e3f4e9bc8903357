// SPDX-License-Identifier: Apache-2.0
#include "test/memory_store/log_writing.hpp"

#include "test/memory_store/rows.hpp"

#include <fmt/core.h>

namespace sandbase::memory {

namespace {

/// Whether a block holds what the journal does, as far as that has its events. After a failover epochs come
/// again, heads do not; and of an event that was erased since then the head is the same, but not the proof.
bool agrees(const tables& rows, session_key session, const log_block& block) {
  for (auto i = rows.journal.lower_bound({session, block.first_seq()});
       i != rows.journal.end() && i->first.first == session && i->first.second <= block.last_seq(); ++i) {
    const auto& event = i->second.event;
    if (event.proof != block.proof(i->first.second)) return false;
    if (i->first.second == block.last_seq() && event.head != block.head()) return false;
  }
  return true;
}

}  // namespace

failure write_segments(transaction& tx, const seal_op& op) {
  auto row = *find_row(tx.rows(), op.session);
  for (const auto& block : op.blocks) {
    if (block->first_seq() != row.sealed_seq + 1)
      return {errc::internal,
              fmt::format("blocks to seal do not follow event {} of session {}", row.sealed_seq, op.session)};
    if (!agrees(tx.rows(), op.session, *block)) return {errc::conflict, "these events are not the log's"};
    for (auto seq = block->first_seq(); seq <= block->last_seq(); ++seq) take_out(tx, {op.session, seq});
    tx.put(&tables::segments, {op.session, block->first_seq()}, block);
    row.sealed_seq = block->last_seq();
  }
  // It may be older than the row's own.
  if (op.header->progress.tip.last_seq >= row.header.progress.tip.last_seq)
    row.header.progress = op.header->progress;
  tx.put(&tables::sessions, op.session, std::make_shared<const session_row>(std::move(row)));
  return {};
}

failure erase_event(transaction& tx, session_key session, const event_erasure& what) {
  if (const auto block = segment_with(tx.rows(), session, what.seq)) {
    tx.put(&tables::segments, {session, block->first_seq()}, block->with_tombstone(what.seq, what.tombstone));
    return {};
  }
  const auto found = tx.rows().journal.find({session, what.seq});
  if (found == tx.rows().journal.end())
    return {errc::corrupt, fmt::format("event {} of session {} is missing", what.seq, session)};
  auto row = found->second;
  const auto leaf = row.event.proof.leaf_of(row.event.json);
  tx.add(&counters::unsealed_bytes,
         static_cast<std::int64_t>(what.tombstone.size()) - static_cast<std::int64_t>(row.event.json.size()));
  row.event.json = what.tombstone;
  row.event.proof = event_proof::from_leaf(leaf);
  tx.put(&tables::journal, {session, what.seq}, std::move(row));
  return {};
}

}  // namespace sandbase::memory
