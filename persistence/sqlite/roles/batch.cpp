// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/roles/batch.hpp"

#include "persistence/sqlite/roles/erasing.hpp"
#include "persistence/sqlite/tables/idempotency_table.hpp"
#include "persistence/sqlite/tables/journal_requests.hpp"
#include "persistence/sqlite/tables/segment_table.hpp"
#include "persistence/sqlite/tables/session_table.hpp"

#include <fmt/core.h>

namespace sandbase::sqlite {

namespace {

failure unknown_session(session_key key) {
  return {errc::not_found, fmt::format("there is no session {}", key)};
}

/// The hot path: rows of the journal only, and nothing that can fail alone once it has begun, but by damage,
/// behind which all is undone.
bool is_plain(const store_op& op) {
  const auto* append = std::get_if<append_op>(&op);
  return append != nullptr && append->header == nullptr &&
         (!append->idempotency || !append->events.empty()) && append->foreign_ids.empty() && !append->erases;
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

batch::applied batch::apply(const store_op& op) {
  applied to;
  to.outcome.error = std::visit([&](const auto& o) { return fence_.admit(o); }, op);
  if (to.outcome.error.code == errc::none) apply_alone(op, to);
  if (to.outcome.error.code != errc::none) fail_behind(op);
  return to;
}

batch::applied batch::leave_out(const store_op& op, const failure& why) {
  fail_behind(op);
  return {{why, 0, false, {}}};
}

/// Nothing that builds on it is applied.
void batch::fail_behind(const store_op& op) {
  if (const auto* append = std::get_if<append_op>(&op)) fence_.fail(append->session);
}

void batch::apply_alone(const store_op& op, applied& to) {
  const auto write_op = [&]() -> failure {
    try {
      return std::visit([&](const auto& o) { return write(o, to); }, op);
    } catch (const error& e) {
      if (!e.is_damage()) throw;
      to.met_damage = true;
      return {errc::corrupt, e.what()};
    }
  };
  if (is_plain(op)) {
    to.outcome.error = write_op();
    return;
  }
  if (is_bulky(op) && !room_.for_bulky) {
    to.outcome.error = {errc::unavailable, "the disk is full"};
    return;
  }
  const auto row_before = next_row_;
  savepoint alone{db_};
  auto error = write_op();
  if (error.code == errc::none) {
    alone.release();
  } else {
    next_row_ = row_before;
    to = {{std::move(error), 0, false, std::move(to.outcome.existing_id)}, 0, to.met_damage};
  }
}

void batch::write_events(session_key session, seq_t first_seq, std::span<const journal_event> events) {
  for (const auto& event : events) insert_journal_event(db_, next_row_++, session, first_seq++, event);
}

failure batch::write_foreign_ids(session_key session, const std::vector<std::pair<std::string, seq_t>>& ids) {
  const auto repeated = insert_foreign_ids(db_, session, ids);
  if (repeated.empty()) return {};
  return {errc::invalid, fmt::format("the session already has an event of id {}", repeated)};
}

/// Whether its Idempotency-Key stands for another request.
bool batch::is_taken(const append_op& op) {
  const auto& asked = *op.idempotency;
  const auto is_good = [&](const idempotency_record& r) {
    return !is_expired(r.created_at, asked.created_at);
  };
  const auto rows = fence_.find_requests(op.session, hash_of_key(asked.key));
  if (const auto unsealed = find_request_in(db_, rows, op.workspace, op.session, asked.key))
    return is_good(*unsealed);
  const auto sealed = find_request(db_, op.workspace, op.session, asked.key);
  return sealed && is_good(sealed->record);
}

failure batch::write(const append_op& op, applied& to) {
  if (op.idempotency && is_taken(op)) return {errc::conflict, "the Idempotency-Key is already in use"};
  to.first_row = next_row_;
  std::span<const journal_event> events{op.events};
  auto seq = op.first_seq;
  if (op.idempotency && !events.empty()) {
    insert_journal_event(db_, next_row_++, op.session, seq++, events.front(), *op.idempotency);
    events = events.subspan(1);
  } else if (op.idempotency) {
    keep_request(db_, op.workspace, op.session, *op.idempotency, std::nullopt);
  }
  write_events(op.session, seq, events);
  if (auto f = write_foreign_ids(op.session, op.foreign_ids); f.code != errc::none) return f;
  if (op.header != nullptr && !update_header(db_, op.session, *op.header, op.redefines))
    return unknown_session(op.session);
  if (op.erases) erase(op);
  if (const auto request = request_of(op, to.first_row)) fence_.note(op.session, *request);
  return {};
}

void batch::erase(const append_op& op) {
  erase_event(db_, op.session, *op.erases, fence_.runs_of(op.session));
  forget_bodies(db_, op.workspace, op.session, op.erases->seq);
  forget_unsealed_bodies(db_, fence_.requests_of(op.session), op.erases->seq);
}

failure batch::write(const create_op& op, applied& to) {
  if (op.idempotency) {
    const auto& asked = *op.idempotency;
    const auto kept = find_request(db_, op.workspace, creations, asked.key);
    if (kept && kept->created && !is_expired(kept->record.created_at, asked.created_at)) {
      if (kept->record.has_body() && kept->record.body != asked.body)
        return {errc::conflict, "the Idempotency-Key was used with another body"};
      to.outcome.session = kept->created->session;
      to.outcome.existed = true;
      to.outcome.existing_id = kept->created->id;
      return {};
    }
  }
  if (op.unfit.code != errc::none) return op.unfit;
  const auto key = insert_session(db_, op.workspace, *op.header);
  if (!key) return {errc::conflict, fmt::format("the workspace has a session {}", op.header->definition->id)};
  to.outcome.session = *key;
  to.first_row = next_row_;
  write_events(*key, 1, op.events);
  if (auto f = write_foreign_ids(*key, op.foreign_ids); f.code != errc::none) return f;
  if (op.idempotency &&
      !keep_request(db_, op.workspace, creations, *op.idempotency, creation{*key, op.header->definition->id}))
    return {errc::conflict, "the Idempotency-Key is already in use"};
  return {};
}

failure batch::write(const seal_op& op, applied&) {
  return write_segments(db_, op, fence_.requests_of(op.session), !fence_.leaves_unmerged(op.session));
}

failure batch::write(const delete_op& op, applied&) {
  return bury_session(db_, op.session, deletion_record{op.author, op.at}) ? failure{}
                                                                          : unknown_session(op.session);
}

failure batch::write(const stage_op& op, applied& to) {
  room_.to_stage -= bytes_of(op);
  if (room_.to_stage < 0)
    return {errc::unavailable, "the disk is nearly full: an import would leave no room for anything else"};
  auto key = op.session;
  if (key == 0) {
    session_header hidden;
    hidden.definition.edit().id = make_id("staged", timestamp{});
    key = insert_session(db_, staging_workspace, hidden).value();
  } else if (!is_staged(db_, key)) {
    return unknown_session(key);
  }
  to.outcome.session = key;
  const auto before = load_sealed_end(db_, key);
  if (!follow(op.blocks, before->seq))
    return {errc::internal, fmt::format("blocks to stage do not follow event {}", before->seq)};
  for (const auto& block : op.blocks) insert_segment(db_, key, *block);
  const auto& last = *op.blocks.back();
  update_sealed_end(db_, key, *before, last.last_seq(), last.head(), nullptr);
  to.outcome.existing_id = insert_imported_ids(db_, key, op.foreign_ids, last.last_seq());
  if (to.outcome.existing_id.empty()) return {};
  return {errc::invalid, fmt::format("the session already has an event of id {}", to.outcome.existing_id)};
}

failure batch::write(const publish_op& op, applied& to) {
  const auto& tip = op.header->progress.tip;
  const failure taken{errc::conflict,
                      fmt::format("the workspace has a session {}", op.header->definition->id)};
  if (op.session == 0) {
    if (tip.last_seq != 0) return {errc::internal, "nothing was staged of a session with events"};
    const auto key = insert_session(db_, op.workspace, *op.header);
    if (!key) return taken;
    to.outcome.session = *key;
    return {};
  }
  if (!is_staged(db_, op.session)) return unknown_session(op.session);
  if (const auto end = load_sealed_end(db_, op.session); end->seq != tip.last_seq || end->head != tip.head)
    return {errc::internal, "the header does not fit the staged log"};
  to.outcome.session = op.session;
  return publish_staged(db_, op.session, op.workspace, *op.header) ? failure{} : taken;
}

failure batch::write(const unstage_op& op, applied&) {
  return is_staged(db_, op.session) && bury_session(db_, op.session, std::nullopt)
             ? failure{}
             : unknown_session(op.session);
}

failure write_segments(connection& db, const seal_op& op, std::span<const journal_request> requests,
                       bool merges) {
  const auto before = load_sealed_end(db, op.session);
  if (!before) return unknown_session(op.session);
  if (!follow(op.blocks, before->seq))
    return {errc::internal,
            fmt::format("blocks to seal do not follow event {} of session {}", before->seq, op.session)};
  for (const auto& block : op.blocks) insert_segment(db, op.session, *block);
  const auto& last = *op.blocks.back();
  update_sealed_end(db, op.session, *before, last.last_seq(), last.head(), op.header.get());
  keep_sealed_requests(db, requests, last.last_seq());
  if (merges && last.frames().size() < sealed_block_bytes) merge_small_segments(db, op.session);
  return {};
}

std::string cannot_be_sealed(session_key session, std::string_view why) {
  return fmt::format("session {} cannot be sealed: {}", session, why);
}

std::optional<journal_request> request_of(const append_op& op, journal_row first_row) {
  if (!op.idempotency || op.events.empty()) return std::nullopt;
  return journal_request{hash_of_key(op.idempotency->key), first_row, op.first_seq};
}

std::int64_t bytes_of(const stage_op& op) {
  std::size_t bytes = 0;
  for (const auto& block : op.blocks) bytes += block->frames().size();
  return static_cast<std::int64_t>(bytes);
}

bool is_bulky(const store_op& op) {
  return std::holds_alternative<seal_op>(op) || std::holds_alternative<stage_op>(op);
}

std::string insert_imported_ids(connection& db, session_key session,
                                const std::vector<std::pair<std::string, seq_t>>& ids, seq_t end) {
  auto repeated = insert_foreign_ids(db, session, ids);
  const auto stands_elsewhere = [&](std::string_view id, seq_t seq) {
    const auto told = told_place(id);
    if (!told || *told == seq || *told > end) return false;
    const auto block = load_segment_with(db, session, *told);
    return block != nullptr && block->id(*told) == id;
  };
  for (const auto& [id, seq] : ids)
    if (repeated.empty() && stands_elsewhere(id, seq)) repeated = id;
  return repeated;
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
