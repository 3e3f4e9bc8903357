// SPDX-License-Identifier: Apache-2.0
#include "actors/log/log_appender.hpp"

#include "events/event/event_facts.hpp"
#include "events/event/tombstone.hpp"
#include "events/json/json_text.hpp"
#include "events/log/event_time.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <unordered_set>

namespace sandbase {

namespace {

std::string name_event(std::string_view path, std::size_t index) {
  return fmt::format("{}[{}]", path, index);
}

result<void> check_ids(const std::vector<event_draft>& drafts, std::string_view path) {
  std::unordered_set<std::string_view> seen;
  for (std::size_t i = 0; i < drafts.size(); ++i)
    if (!drafts[i].id.empty() && !seen.insert(drafts[i].id).second)
      return {errc::invalid,
              fmt::format("{}.id: \"{}\" stands twice in this request", name_event(path, i), drafts[i].id)};
  return {};
}

}  // namespace

log_appender::built log_appender::begin() const {
  built b;
  b.op = std::make_shared<append_op>();
  b.op->first_seq = header_.progress.tip.last_seq + 1;
  b.op->previous_head = header_.progress.tip.head;
  return b;
}

void log_appender::finish(log_block_builder& out, built& b) const {
  if (!out.empty()) b.blocks.push_back(out.finish());
  // The journal writes the bytes that the block holds: a second copy would be as much memory again until the
  // commit.
  auto event = b.op->events.begin();
  for (const auto& block : b.blocks)
    for (auto seq = block->first_seq(); seq <= block->last_seq(); ++seq)
      (event++)->json = {block->json(seq), block};
  b.op->tip = header_.progress.tip;
  if (b.header_changed) b.op->header = std::make_shared<const session_header>(header_);
}

void log_appender::note_append(api_key_id author, const built& b, timestamp now) {
  header_.progress.note_append(author, b.op->first_seq, header_.progress.tip.last_seq, now);
}

result<void> log_appender::add(const event_draft& draft, std::string_view path, api_key_id author,
                               timestamp now, log_block_builder& out, built& b) {
  auto& progress = header_.progress;
  const auto seq = progress.tip.last_seq + 1;
  if (seq > max_told_seq) return {errc::invalid, fmt::format("{}: the session's log is full", path)};
  exact_time time = std::max(now, round_up(progress.tip.last_time));
  auto time_text = draft.processed_at;
  if (time_text.empty()) {
    time_text = format_timestamp(time.ms);
  } else {
    time = draft.time;
    if (time < progress.tip.last_time)
      return {errc::invalid, fmt::format("{}.processed_at: before the last event's, which is {}", path,
                                         format_exact_time(progress.tip.last_time))};
    if (time > exact_time{now + max_time_ahead})
      return {errc::invalid,
              fmt::format("{}.processed_at: more than 60 seconds ahead of the server's clock", path)};
  }
  const auto id = draft.id.empty() ? make_event_id(time.ms, seq, random_bits()) : draft.id;
  if (told_place(id) != seq) b.op->foreign_ids.emplace_back(id, seq);

  std::string extra;
  const event_facts* facts = &draft.facts;
  event_facts with_outcome;
  if (draft.type == event_type::user_define_outcome) {
    with_outcome = draft.facts;
    with_outcome.outcome_id = make_id("outc", time.ms);
    extra = "\"outcome_id\":" + json::quoted(with_outcome.outcome_id);
    facts = &with_outcome;
  }
  const auto json = render_event(draft, id, time_text, extra);
  const auto proof = event_proof::make_salt();
  out.add(draft.type, id, time.ms, json, proof);
  b.header_changed |= progress.apply(*facts, seq, id, time, out.head());
  if (concerns_pending(draft.type)) b.pending_changes.emplace_back(id, *facts);
  b.op->events.push_back({{}, out.head(), author, proof});
  if (out.bytes() >= sealed_block_bytes) b.blocks.push_back(out.finish());
  return {};
}

result<log_appender::built> log_appender::append(const std::vector<event_draft>& drafts,
                                                 std::string_view path, api_key_id author, timestamp now) {
  if (header_.definition->archived_at)
    return {errc::invalid, "the session is archived: its log is read-only"};
  if (auto unique = check_ids(drafts, path); !unique) return unique.error();
  auto b = begin();
  b.op->events.reserve(drafts.size());
  log_block_builder out{b.op->first_seq, b.op->previous_head};
  // A single event is checked before anything changes; a run may fail in its middle.
  std::optional<session_progress> undo;
  if (drafts.size() > 1) undo = header_.progress;
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    const auto name = name_event(path, i);
    auto ok = header_.progress.check(drafts[i].facts, name);
    if (ok) ok = add(drafts[i], name, author, now, out, b);
    if (ok) continue;
    if (undo) header_.progress = std::move(*undo);
    return std::move(ok).error();
  }
  note_append(author, b, now);
  finish(out, b);
  return b;
}

log_appender::built log_appender::append_nothing() const {
  auto b = begin();
  log_block_builder out{b.op->first_seq, b.op->previous_head};
  finish(out, b);
  return b;
}

result<log_appender::built> log_appender::update(const update_request& update, api_key_id author,
                                                 timestamp now) {
  if (header_.definition->archived_at)
    return {errc::invalid, "the session is archived: it cannot be changed"};
  if (header_.progress.status == session_status::terminated)
    return {errc::invalid, "the session is terminated: it cannot be changed"};
  auto b = begin();
  auto definition = *header_.definition;
  auto payload = apply_update(definition, update);
  if (!payload) return payload.error();
  // One from before there was a bound may stay beyond it, but not grow.
  if (auto fits = check_size(definition);
      !fits && definition.encode().size() > header_.definition->encode().size())
    return std::move(fits).error();
  log_block_builder out{b.op->first_seq, b.op->previous_head};
  if (payload->empty()) {
    finish(out, b);
    return b;
  }
  event_draft draft;
  draft.type = event_type::session_updated;
  draft.type_name = name_of(draft.type);
  draft.payload = std::move(*payload);
  draft.facts.type = draft.type;
  if (auto ok = add(draft, "session", author, now, out, b); !ok) return ok.error();
  note_append(author, b, now);
  header_.definition = std::move(definition);
  b.header_changed = b.op->redefines = true;
  finish(out, b);
  return b;
}

result<log_appender::built> log_appender::redact(const log_block& block, seq_t seq, std::string_view reason,
                                                 timestamp now) {
  auto tombstone = render_tombstone(block.json(seq), now, reason);
  if (!tombstone) return std::move(tombstone).error();
  auto b = begin();
  log_block_builder out{b.op->first_seq, b.op->previous_head};
  event_draft draft;
  draft.type = event_type::session_event_redacted;
  draft.type_name = name_of(draft.type);
  draft.payload = "\"event_id\":" + json::quoted(block.id(seq));
  draft.facts.type = draft.type;
  if (auto ok = add(draft, "session", 0, now, out, b); !ok) return ok.error();
  note_append(0, b, now);
  header_.progress.forget(facts_of(block.json(seq)), block.id(seq));
  b.op->erases = event_erasure{seq, *std::move(tombstone)};
  b.header_changed = true;
  finish(out, b);
  return b;
}

result<log_appender::built> log_appender::archive(timestamp now, bool even_if_running) {
  auto b = begin();
  log_block_builder out{b.op->first_seq, b.op->previous_head};
  if (!header_.definition->archived_at) {
    if (header_.progress.status == session_status::running && !even_if_running)
      return {errc::invalid, "the session is running: only a runtime key may archive it now"};
    header_.definition.edit().archived_at = now;
    header_.progress.tip.updated_at = std::max(now, header_.progress.tip.updated_at);
    b.header_changed = b.op->redefines = b.op->ends_epoch = true;
  }
  finish(out, b);
  return b;
}

}  // namespace sandbase
