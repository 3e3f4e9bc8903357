// SPDX-License-Identifier: Apache-2.0
#include "persistence/transfer/session_builder.hpp"

#include "events/event/tombstone.hpp"
#include "events/json/json_text.hpp"
#include "events/log/event_time.hpp"
#include "events/session/session_resources.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <iterator>
#include <utility>

namespace sandbase {

session_builder::session_builder(header_line given, timestamp now, std::size_t max_line)
    : given_(std::move(given.header)),
      header_text_(std::move(given.text)),
      now_(now),
      max_line_(max_line),
      builder_(1, digest{}),
      has_created_at_(given_.definition.created_at != timestamp{}) {}

result<void> session_builder::check_header() const {
  const auto& d = given_.definition;
  const auto latest = now_ + max_time_ahead;
  if (d.created_at > latest)
    return {errc::invalid, "session.created_at: more than 60 seconds ahead of the clock"};
  if (d.archived_at > latest)
    return {errc::invalid, "session.archived_at: more than 60 seconds ahead of the clock"};
  if (auto fits = check_size(complete(d)); !fits)
    return {errc::too_large, fmt::format("session: {}", fits.error().message)};
  return {};
}

session_definition session_builder::complete(session_definition d) const {
  if (!has_created_at_) d.created_at = now_;
  d.resources = complete_resources(d.resources, d.created_at);
  return d;
}

exact_time session_builder::time_of(const event_draft& draft) const {
  if (!draft.processed_at.empty()) return draft.time;
  if (events() != 0) return round_up(fold_.progress().tip.last_time);
  return has_created_at_ ? given_.definition.created_at : now_;
}

result<void> session_builder::check_id(std::string_view id, seq_t seq, std::size_t line) {
  const auto told = told_place(id);
  if (early_ids_.repeats(seq, id))
    return {errc::invalid, "event.id: an earlier event of this session has this id"};
  if (told == seq) {
    if (!early_ids_.knows(seq))
      return {errc::invalid,
              fmt::format("event.id: more than {} events before it tell later places by theirs, "
                          "so whether one has this id cannot be told",
                          early_ids::max_count)};
    return {};
  }
  // The store tells whether an earlier event has it; a later one can only be where the id says.
  if (told && *told > seq) early_ids_.note(*told, id);
  foreign_ids_.push_back({std::string{id}, seq, line});
  return {};
}

result<void> session_builder::add(const event_line& event, std::size_t line) {
  const auto& draft = event.draft;
  const auto seq = builder_.next_seq();
  if (seq > max_told_seq) return {errc::invalid, "event: the session's log is full"};
  const auto time = time_of(draft);
  if (seq > 1 && time < fold_.progress().tip.last_time)
    return {errc::invalid, "event.processed_at: lies before the time of the event before it"};
  if (time > exact_time{now_ + max_time_ahead})
    return {errc::invalid, "event.processed_at: more than 60 seconds ahead of the clock"};

  const auto id = draft.id.empty() ? make_event_id(time.ms, seq, random_bits()) : draft.id;
  if (!draft.id.empty())
    if (auto ok = check_id(id, seq, line); !ok) return ok;
  const auto json =
      render_event(draft, id, draft.processed_at.empty() ? format_timestamp(time.ms) : draft.processed_at);
  if (json.size() + event_line_extra > max_line_)
    return {errc::too_large,
            fmt::format("event: has {} bytes as it is stored, more than a line that exports it may have",
                        json.size())};
  if (auto ok = check_proof(event, json); !ok) return ok;
  if (!has_created_at_) {
    given_.definition.created_at = time.ms;
    has_created_at_ = true;
  }
  const auto proof = event.proof ? *event.proof : event_proof::make_salt();
  if (auto taken = fold_.take(seq, json, proof); !taken) return std::move(taken).error();
  if (!has_salts_ && given_.expected_head) unsalted_head_ = next_unsalted_head(unsalted_head_, json);
  builder_.add_with_head(draft.type, id, time.ms, json, proof, fold_.head());
  if (builder_.bytes() >= sealed_block_bytes) close_block();
  return {};
}

result<void> session_builder::check_proof(const event_line& event, std::string_view json) {
  if (events() == 0) has_salts_ = event.proof.has_value();
  if (event.proof.has_value() != has_salts_)
    return {errc::invalid, has_salts_ ? "salt: is missing, but the events before have theirs"
                                      : "salt: the events before have none"};
  if (event.proof && event.proof->is_leaf() && !is_tombstone(json))
    return {errc::invalid, "leaf: only an event that was redacted has one"};
  return {};
}

void session_builder::close_block() {
  if (builder_.empty()) return;
  slice_bytes_ += builder_.bytes();
  slice_.blocks.push_back(builder_.finish());
  slice_.foreign_ids.insert(slice_.foreign_ids.end(), std::move_iterator{foreign_ids_.begin()},
                            std::move_iterator{foreign_ids_.end()});
  foreign_ids_.clear();
}

session_slice session_builder::take_slice() {
  slice_bytes_ = 0;
  return std::exchange(slice_, {});
}

result<void> session_builder::finish() {
  close_block();
  if (given_.expected_events && !is_complete())
    return {errc::invalid, fmt::format("session.log.events: says {}, but {} events follow",
                                       *given_.expected_events, events())};
  const auto& head = has_salts_ ? fold_.head() : unsalted_head_;
  if (given_.expected_head && *given_.expected_head != head)
    return {errc::invalid,
            "session.log.head: is not the head of the events that follow, which is " + format_head(head)};
  if (const auto& id = given_.expected_last_id; id && *id != fold_.progress().tip.last_id)
    return {errc::invalid, "session.log.last_event_id: is not the id of the last event that follows"};
  const field_path line;
  return complete_progress(fold_.progress(), fold_.untold(), *json::value{header_text_}.find("session"),
                           {line, "session"});
}

session_header session_builder::header() const {
  session_header made{{}, fold_.progress()};
  auto definition = complete(given_.definition);
  auto& tip = made.progress.tip;
  tip.updated_at =
      std::max({tip.last_time.ms, definition.created_at, definition.archived_at.value_or(timestamp{})});
  made.definition = std::move(definition);
  return made;
}

}  // namespace sandbase
