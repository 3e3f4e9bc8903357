// SPDX-License-Identifier: Apache-2.0
#include "test/memory_store/batch.hpp"

#include "test/memory_store/log_writing.hpp"
#include "test/memory_store/rows.hpp"
#include "test/memory_store/staging.hpp"

#include <fmt/core.h>

namespace sandbase::memory {

namespace {

failure other_writer(errc code) { return {code, "the session has another writer by now"}; }

/// The session under which keys of creations stand.
constexpr session_key creations = 0;

bool is_expired(const idempotency_record& kept, timestamp now) {
  return now - kept.created_at >= idempotency_ttl;
}

}  // namespace

batch_outcome batch::apply(std::span<const store_op> ops) {
  std::vector<op_outcome> outcomes;
  outcomes.reserve(ops.size());
  for (const auto& op : ops) {
    outcomes.push_back(apply_alone(op));
    const auto* append = std::get_if<append_op>(&op);
    if (append != nullptr && outcomes.back().error.code != errc::none) failed_.insert(append->session);
  }
  return {std::move(outcomes), refused_bytes_};
}

op_outcome batch::apply_alone(const store_op& op) {
  const auto before = tx_.mark();
  op_outcome done;
  auto error = std::visit([&](const auto& o) { return write(o, done); }, op);
  if (error.code == errc::none) return done;
  tx_.back_to(before);
  return {std::move(error), 0, false, std::move(done.existing_id)};
}

const tip_row* batch::current(session_key session, epoch_t epoch) const {
  const auto tip = tx_.rows().tips.find(session);
  return epoch != 0 && tip != tx_.rows().tips.end() && tip->second.epoch == epoch ? &tip->second : nullptr;
}

failure batch::expect_room(const std::vector<journal_event>& events) {
  std::int64_t bytes = 0;
  for (const auto& e : events) bytes += static_cast<std::int64_t>(e.json.size());
  if (bytes == 0 || extent(tx_.rows()) + bytes <= by_.max_unsealed) return {};
  refused_bytes_ += bytes;
  return {errc::unavailable, "too much is unsealed, try again"};
}

failure batch::write(const append_op& op, op_outcome&) {
  const auto* tip = current(op.session, op.epoch);
  if (tip == nullptr) return other_writer(errc::fenced);
  if (failed_.contains(op.session) || op.first_seq != tip->end.last_seq + 1 ||
      op.previous_head != tip->end.head)
    return {errc::unavailable, "an append before this one was not stored"};
  if (auto f = expect_room(op.events); f.code != errc::none) return f;
  write_events(op.session, op.first_seq, op.events);
  write_tip(op.session, op.tip);
  if (op.ends_epoch) end_epoch(op.session);
  if (const auto repeated = note_ids(tx_, op.session, op.foreign_ids); !repeated.empty())
    return {errc::invalid, fmt::format("the session already has an event of id {}", repeated)};
  if (op.header != nullptr) write_header(op.session, *op.header, op.redefines);
  if (op.idempotency && !keep_request(op.workspace, op.session, {*op.idempotency, 0, {}}))
    return {errc::conflict, "the Idempotency-Key is already in use"};
  if (!op.erases) return {};
  forget_bodies(op.workspace, op.session, op.erases->seq);
  return erase_event(tx_, op.session, *op.erases);
}

failure batch::write(const create_op& op, op_outcome& to) {
  if (auto f = expect_room(op.events); f.code != errc::none) return f;
  if (op.idempotency) {
    const auto& asked = *op.idempotency;
    const auto kept = tx_.rows().requests.find({op.workspace, creations, asked.key});
    if (kept != tx_.rows().requests.end() && !is_expired(kept->second.record, asked.created_at)) {
      if (kept->second.record.has_body() && kept->second.record.body != asked.body)
        return {errc::conflict, "the Idempotency-Key was used with another body"};
      to.session = kept->second.created;
      to.existed = true;
      to.existing_id = kept->second.created_id;
      return {};
    }
  }
  if (op.unfit.code != errc::none) return op.unfit;
  const auto& id = op.header->definition->id;
  to.session = make_session(tx_, op.workspace, *op.header);
  if (to.session == 0) return {errc::conflict, fmt::format("the workspace has a session {}", id)};
  write_events(to.session, 1, op.events);
  if (const auto repeated = note_ids(tx_, to.session, op.foreign_ids); !repeated.empty())
    return {errc::invalid, fmt::format("the session already has an event of id {}", repeated)};
  if (op.idempotency) keep_request(op.workspace, creations, {*op.idempotency, to.session, id});
  return {};
}

failure batch::write(const seal_op& op, op_outcome&) {
  const auto* tip = current(op.session, op.epoch);
  if (tip == nullptr) return other_writer(errc::conflict);
  const auto& as_of = op.header->progress.tip;
  // Appends of this epoch may stand behind it by now, in this commit or before.
  if (failed_.contains(op.session) || as_of.last_seq > tip->end.last_seq ||
      (as_of.last_seq == tip->end.last_seq && as_of.head != tip->end.head))
    return {errc::conflict, "an append before this seal was not stored"};
  const auto sealed = find_row(tx_.rows(), op.session)->sealed_seq;
  if (op.blocks.empty() || op.blocks.front()->first_seq() != sealed + 1 ||
      op.blocks.back()->last_seq() > as_of.last_seq)
    return {errc::conflict, "these events are sealed already"};
  return write_segments(tx_, op);
}

failure batch::write(const delete_op& op, op_outcome&) {
  if (current(op.session, op.epoch) == nullptr) return other_writer(errc::fenced);
  const auto row = find_row(tx_.rows(), op.session);
  while (has_unsealed(tx_.rows(), op.session))
    take_out(tx_, tx_.rows().journal.lower_bound({op.session, 0})->first);
  tx_.erase(&tables::sessions, op.session);
  tx_.erase(&tables::session_ids, {row->workspace, row->header.definition->id});
  tx_.erase(&tables::tips, op.session);
  tx_.put(&tables::tombstones, op.session, row->workspace);
  if (op.author != 0)
    tx_.put(&tables::deletions, {row->workspace, row->header.definition->id},
            deletion_record{op.author, op.at});
  return {};
}

failure batch::write(const stage_op& op, op_outcome& to) { return stage(tx_, op, by_.node, to); }
failure batch::write(const publish_op& op, op_outcome& to) { return publish(tx_, op, by_.node, to); }
failure batch::write(const unstage_op& op, op_outcome&) { return unstage(tx_, op, by_.node); }

void batch::write_events(session_key session, seq_t first_seq, const std::vector<journal_event>& events) {
  for (const auto& event : events) {
    const auto bytes = static_cast<std::int64_t>(event.json.size());
    const auto arrival = tx_.add(&counters::last_arrival, 1);
    tx_.put(&tables::arrivals, arrival, {session, first_seq, tx_.rows().count.bytes_ever});
    tx_.put(&tables::journal, {session, first_seq}, {event, arrival});
    tx_.add(&counters::bytes_ever, bytes);
    tx_.add(&counters::unsealed_bytes, bytes);
    ++first_seq;
  }
}

void batch::write_header(session_key session, const session_header& header, bool redefines) {
  auto row = *find_row(tx_.rows(), session);
  row.header.progress = header.progress;
  if (redefines) row.header.definition = header.definition;
  tx_.put(&tables::sessions, session, std::make_shared<const session_row>(std::move(row)));
}

void batch::end_epoch(session_key session) {
  auto tip = tx_.rows().tips.at(session);
  ++tip.epoch;
  tx_.put(&tables::tips, session, std::move(tip));
}

void batch::write_tip(session_key session, const log_tip& end) {
  auto tip = tx_.rows().tips.at(session);
  tip.end = end;
  tx_.put(&tables::tips, session, std::move(tip));
}

bool batch::keep_request(workspace_key workspace, session_key session, request_row row) {
  const std::tuple key{workspace, session, row.record.key};
  const auto kept = tx_.rows().requests.find(key);
  if (kept != tx_.rows().requests.end() && !is_expired(kept->second.record, row.record.created_at))
    return false;
  tx_.put(&tables::requests, key, std::move(row));
  return true;
}

void batch::forget_bodies(workspace_key workspace, session_key session, seq_t seq) {
  for (auto [key, row] : tx_.rows().requests) {
    const auto& [of, appended, name] = key;
    const auto& stored = row.record;
    if (of != workspace) continue;
    if (appended == session ? stored.first_seq > seq || stored.last_seq < seq
                            : row.created != session || seq > max_initial_events)
      continue;
    row.record.body = {};
    tx_.put(&tables::requests, key, row);
  }
}

}  // namespace sandbase::memory
