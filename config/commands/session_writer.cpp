// SPDX-License-Identifier: Apache-2.0
#include "config/commands/session_writer.hpp"

#include "actors/log/log_appender.hpp"
#include "events/event/event_facts.hpp"
#include "events/session/session_resources.hpp"

#include <algorithm>

namespace sandbase {

session_writer::session_writer(std::unique_ptr<session_import> target, header_line header, timestamp now)
    : target_(std::move(target)),
      header_(std::move(header)),
      now_(now),
      builder_(1, digest{}),
      has_created_at_(header_.header.definition.created_at != timestamp{}) {}

exact_time session_writer::time_of(const event_draft& draft) const {
  if (!draft.processed_at.empty()) return draft.time;
  if (events() != 0) return round_up(progress_.tip.last_time);
  return has_created_at_ ? header_.header.definition.created_at : now_;
}

result<void> session_writer::check_id(std::string_view id, seq_t seq, std::size_t line) {
  const auto told = told_place(id);
  const auto [first, last] = told_too_early_.equal_range(seq);
  const bool repeated = std::any_of(first, last, [&](const auto& early) { return early.second == id; });
  told_too_early_.erase(first, last);
  if (repeated)
    return at_line(line, {errc::invalid, "event.id: an earlier event of this session has this id"});
  if (told == seq) return {};
  // The store tells whether an earlier event has it; a later one can only be where the id says.
  if (told && *told > seq) told_too_early_.emplace(*told, id);
  foreign_ids_.push_back({std::string{id}, seq, line});
  return {};
}

result<void> session_writer::add(const event_line& line) {
  const auto& draft = line.draft;
  const auto seq = builder_.next_seq();
  const auto time = time_of(draft);
  if (seq > 1 && time < progress_.tip.last_time)
    return at_line(line.number,
                   {errc::invalid, "event.processed_at: lies before the time of the event before it"});
  if (time > exact_time{now_ + log_appender::max_ahead})
    return at_line(line.number,
                   {errc::invalid, "event.processed_at: more than 60 seconds ahead of the clock"});

  const auto id = draft.id.empty() ? make_event_id(time.ms, seq, random_bits()) : draft.id;
  if (auto ok = check_id(id, seq, line.number); !ok) return ok;
  const auto json =
      render_event(draft, id, draft.processed_at.empty() ? format_timestamp(time.ms) : draft.processed_at);
  if (!has_created_at_) {
    header_.header.definition.created_at = time.ms;
    has_created_at_ = true;
  }
  builder_.add(draft.type, id, time.ms, json);
  progress_.apply(facts_of(json), seq, id, time, builder_.head());
  last_line_ = line.number;
  return builder_.bytes() < sealed_block_bytes ? result<void>{} : flush();
}

result<void> session_writer::flush() {
  if (builder_.empty()) return {};
  if (auto added = target_->add(builder_.finish()); !added) return at_line(last_line_, added.error());
  // One by one: a failure must name its line.
  for (auto& [id, seq, line] : foreign_ids_)
    if (auto added = target_->add_foreign_ids({{std::move(id), seq}}); !added)
      return at_line(line, added.error());
  foreign_ids_.clear();
  return {};
}

result<void> session_writer::finish() {
  const auto& header = header_.header;
  if (header.expected_events && *header.expected_events != events())
    return at_line(header_.number,
                   {errc::invalid, "session.log.events: says " + std::to_string(*header.expected_events) +
                                       ", but " + std::to_string(events()) + " events follow"});
  if (header.expected_head && *header.expected_head != builder_.head())
    return at_line(header_.number,
                   {errc::invalid, "session.log.head: is not the head of the events that follow, which is " +
                                       format_head(builder_.head())});
  if (auto flushed = flush(); !flushed) return flushed;

  session_header made{header.definition, progress_};
  if (!has_created_at_) made.definition.created_at = now_;
  made.definition.resources = complete_resources(made.definition.resources, made.definition.created_at);
  auto& tip = made.progress.tip;
  tip.updated_at = std::max(
      {tip.last_time.ms, made.definition.created_at, made.definition.archived_at.value_or(timestamp{})});
  if (auto finished = target_->finish(made); !finished) return at_line(header_.number, finished.error());
  return {};
}

}  // namespace sandbase
