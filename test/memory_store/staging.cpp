// SPDX-License-Identifier: Apache-2.0
#include "test/memory_store/staging.hpp"

#include "test/memory_store/rows.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase::memory {

namespace {

failure unknown(session_key session) {
  return {errc::not_found, fmt::format("there is no session {}", session)};
}

std::optional<staged_row> find_staged(const tables& rows, session_key session, writer_id node) {
  const auto row = rows.staged.find(session);
  if (row == rows.staged.end() || row->second.writer != node) return std::nullopt;
  return row->second;
}

/// Whether the id tells a place, other than `seq`, at which the event does have this id.
bool stands_elsewhere(const tables& rows, session_key session, std::string_view id, seq_t seq) {
  const auto told = told_place(id);
  if (!told || *told == seq) return false;
  const auto block = segment_with(rows, session, *told);
  return block != nullptr && block->id(*told) == id;
}

void bury(transaction& tx, session_key session) {
  tx.erase(&tables::staged, session);
  tx.put(&tables::tombstones, session, 0);
}

}  // namespace

failure stage(transaction& tx, const stage_op& op, writer_id node, op_outcome& to) {
  to.session = op.session == 0 ? tx.add(&counters::last_session, 1) : op.session;
  auto row = op.session == 0 ? staged_row{node, 0, {}} : find_staged(tx.rows(), op.session, node);
  if (!row) return unknown(op.session);
  for (const auto& block : op.blocks) {
    if (block->first_seq() != row->last_seq + 1)
      return {errc::internal, fmt::format("blocks to stage do not follow event {}", row->last_seq)};
    tx.put(&tables::segments, {to.session, block->first_seq()}, block);
    row->last_seq = block->last_seq();
    row->head = block->head();
  }
  tx.put(&tables::staged, to.session, *row);
  to.existing_id = note_ids(tx, to.session, op.foreign_ids);
  for (const auto& [id, seq] : op.foreign_ids)
    if (to.existing_id.empty() && stands_elsewhere(tx.rows(), to.session, id, seq)) to.existing_id = id;
  if (to.existing_id.empty()) return {};
  return {errc::invalid, fmt::format("the session already has an event of id {}", to.existing_id)};
}

failure publish(transaction& tx, const publish_op& op, writer_id node, op_outcome& to) {
  const auto& [definition, progress] = *op.header;
  const failure taken{errc::conflict, fmt::format("the workspace has a session {}", definition->id)};
  if (op.session == 0) {
    if (progress.tip.last_seq != 0) return {errc::internal, "nothing was staged of a session with events"};
    to.session = make_session(tx, op.workspace, *op.header);
    return to.session == 0 ? taken : failure{};
  }
  const auto row = find_staged(tx.rows(), op.session, node);
  if (!row) return unknown(op.session);
  if (row->last_seq != progress.tip.last_seq || row->head != progress.tip.head)
    return {errc::internal, "the header does not fit the staged log"};
  if (tx.rows().session_ids.contains({op.workspace, definition->id})) return taken;
  to.session = op.session;
  tx.erase(&tables::staged, op.session);
  add_session(tx, {op.session, op.workspace, *op.header, row->last_seq});
  return {};
}

failure unstage(transaction& tx, const unstage_op& op, writer_id node) {
  if (!find_staged(tx.rows(), op.session, node)) return unknown(op.session);
  bury(tx, op.session);
  return {};
}

void bury_staged(transaction& tx, const std::function<bool(writer_id)>& is_gone) {
  for (auto i = tx.rows().staged.begin(); i != tx.rows().staged.end();) {
    const auto row = i++;
    if (is_gone(row->second.writer)) bury(tx, session_key{row->first});
  }
}

}  // namespace sandbase::memory
