// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/roles/batch.hpp"

#include "persistence/sentence.hpp"
#include "persistence/sqlite/tables/idempotency_table.hpp"
#include "persistence/sqlite/tables/journal_table.hpp"
#include "persistence/sqlite/tables/segment_table.hpp"
#include "persistence/sqlite/tables/session_table.hpp"

namespace sandbase::sqlite {

namespace {

failure unknown_session(session_key key) { return {errc::not_found, sentence("there is no session ", key)}; }

/// The hot path: rows of the journal only, and nothing that can fail alone once it has begun.
bool is_plain(const store_op& op) {
  const auto* append = std::get_if<append_op>(&op);
  return append != nullptr && append->header == nullptr && !append->idempotency &&
         append->foreign_ids.empty();
}

/// Whether the blocks follow each other, the first behind `sealed`.
bool follow(const std::vector<log_block_ptr>& blocks, seq_t sealed) {
  for (const auto& block : blocks) {
    if (block->first_seq() != sealed + 1) return false;
    sealed = block->last_seq();
  }
  return !blocks.empty();
}

}  // namespace

void session_knowledge::note_existing(session_key key) {
  if (existing_.size() >= max_existing) existing_.clear();
  existing_.insert(key);
}

const std::string* session_knowledge::damage_of(session_key key) const {
  const auto it = damaged_.find(key);
  return it == damaged_.end() ? nullptr : &it->second;
}

op_outcome batch::apply(const store_op& op) {
  const auto* append = std::get_if<append_op>(&op);
  const auto* seal = std::get_if<seal_op>(&op);
  const auto session = append ? append->session : seal ? seal->session : session_key{};
  if ((append || seal) && cut_.contains(session)) {
    op_outcome behind;
    behind.error = {errc::unavailable, "an append before this was not stored"};
    return behind;
  }
  auto outcome = apply_alone(op);
  if (append && outcome.error.code != errc::none) cut_.insert(session);
  return outcome;
}

op_outcome batch::apply_alone(const store_op& op) {
  op_outcome outcome;
  const auto write_op = [&] { return std::visit([&](const auto& o) { return write(o, outcome); }, op); };
  if (is_plain(op)) {
    outcome.error = write_op();
    return outcome;
  }
  if (std::holds_alternative<seal_op>(op) && !with_seals_) {
    outcome.error = {errc::unavailable, "the disk is full: sealing waits"};
    return outcome;
  }
  const auto row_before = next_row_;
  savepoint alone{db_};
  auto error = write_op();
  if (error.code == errc::none) {
    alone.release();
  } else {
    next_row_ = row_before;
    outcome = {};
    outcome.error = std::move(error);
  }
  return outcome;
}

failure batch::check_session(session_key key) {
  if (const auto* damage = known_.damage_of(key)) return {errc::corrupt, *damage};
  if (known_.exists(key)) return {};
  if (!load_sealed_end(db_, key)) return unknown_session(key);
  known_.note_existing(key);
  return {};
}

void batch::write_events(session_key session, seq_t first_seq, const std::vector<journal_event>& events) {
  for (const auto& event : events) insert_journal_event(db_, next_row_++, session, first_seq++, event);
}

failure batch::write_foreign_ids(session_key session, const std::vector<std::pair<std::string, seq_t>>& ids) {
  const auto repeated = insert_foreign_ids(db_, session, ids);
  if (repeated.empty()) return {};
  return {errc::invalid, sentence("the session already has an event of id ", repeated)};
}

failure batch::write(const append_op& op, op_outcome& outcome) {
  if (auto f = check_session(op.session); f.code != errc::none) return f;
  outcome.first_row = next_row_;
  write_events(op.session, op.first_seq, op.events);
  if (auto f = write_foreign_ids(op.session, op.foreign_ids); f.code != errc::none) return f;
  if (op.header != nullptr && !update_header(db_, op.session, *op.header)) return unknown_session(op.session);
  if (op.idempotency && !keep_request(db_, op.workspace, op.session, *op.idempotency, std::nullopt))
    return {errc::conflict, "the Idempotency-Key is already in use"};
  return {};
}

failure batch::write(const create_op& op, op_outcome& outcome) {
  if (op.idempotency) {
    const auto& asked = *op.idempotency;
    const auto kept = find_request(db_, op.workspace, creations, asked.key);
    if (kept && kept->created && !is_expired(kept->record.created_at, asked.created_at)) {
      if (kept->record.body != asked.body)
        return {errc::conflict, "the Idempotency-Key was used with another body"};
      outcome.session = kept->created->session;
      outcome.existed = true;
      outcome.existing_id = kept->created->id;
      return {};
    }
  }
  const auto key = insert_session(db_, op.workspace, *op.header);
  if (!key) return {errc::conflict, sentence("the workspace has a session ", op.header->definition.id)};
  outcome.session = *key;
  outcome.first_row = next_row_;
  write_events(*key, 1, op.events);
  if (auto f = write_foreign_ids(*key, op.foreign_ids); f.code != errc::none) return f;
  if (op.idempotency &&
      !keep_request(db_, op.workspace, creations, *op.idempotency, creation{*key, op.header->definition.id}))
    return {errc::conflict, "the Idempotency-Key is already in use"};
  return {};
}

failure batch::write(const seal_op& op, op_outcome&) {
  if (const auto* damage = known_.damage_of(op.session)) return {errc::corrupt, *damage};
  const auto before = load_sealed_end(db_, op.session);
  if (!before) return unknown_session(op.session);
  if (!follow(op.blocks, before->seq))
    return {errc::internal,
            sentence("blocks to seal do not follow event ", before->seq, " of session ", op.session)};
  for (const auto& block : op.blocks) insert_segment(db_, op.session, *block);
  const auto& last = *op.blocks.back();
  update_sealed_end(db_, op.session, *before, last.last_seq(), last.head(), op.header.get());
  if (last.frames().size() < sealed_block_bytes) merge_small_segments(db_, op.session);
  return {};
}

failure batch::write(const delete_op& op, op_outcome&) {
  if (!bury_session(db_, op.session)) return unknown_session(op.session);
  known_.forget(op.session);
  return {};
}

std::string insert_foreign_ids(connection& db, session_key session,
                               const std::vector<std::pair<std::string, seq_t>>& ids) {
  for (const auto& [id, seq] : ids) {
    db.run("INSERT INTO foreign_ids(session, id, seq) VALUES(?1, ?2, ?3) ON CONFLICT DO NOTHING", session, id,
           seq);
    if (db.changes() == 0) return id;
  }
  return {};
}

}  // namespace sandbase::sqlite
