// SPDX-License-Identifier: Apache-2.0
#include "persistence/log_check.hpp"

#include "events/json/json_text.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase {

namespace {

[[noreturn]] void stop(std::string what) { throw store_error({errc::corrupt, std::move(what)}); }

/// What was taken over of payloads that are erased now cannot be judged.
void forget_payloads(session_progress& folded, const session_progress& header, const untold_progress& lacks) {
  if (lacks.usage) folded.tip.usage = header.tip.usage;
  if (lacks.details) folded.details = header.details;
  if (lacks.pending) folded.pending = header.pending;
  if (lacks.outcomes) folded.outcomes = header.outcomes;
}

/// Headers of earlier versions do not tell finer digits of times, names of tools, details of usage and
/// answers.
void forget_what_is_new(session_progress& folded, const session_progress& header) {
  if (header.tip.last_time.nanos == 0) folded.tip.last_time.nanos = 0;
  if (header.details == usage_details{}) folded.details = {};
  if (header.answers.size() < folded.answers.size())
    folded.answers.erase(folded.answers.begin(),
                         folded.answers.end() - static_cast<std::ptrdiff_t>(header.answers.size()));
  for (std::size_t i = 0; i < std::min(folded.pending.size(), header.pending.size()); ++i)
    if (header.pending[i].name.empty()) folded.pending[i].name.clear();
}

}  // namespace

void log_check::tell(std::string_view what) const {
  problem_(fmt::format("session {} ({}): {}", row_.header.definition->id, row_.key, what));
}

void log_check::take_segment(const log_block& block) {
  std::vector<std::string_view> ids;
  for (auto seq = block.first_seq(); seq <= block.last_seq(); ++seq) ids.push_back(block.id(seq));
  const auto noted = noted_(ids);
  for (auto seq = block.first_seq(); seq <= block.last_seq(); ++seq)
    check_marks(block, seq, take(seq, block.json(seq), block.proof(seq), nullptr, noted));
  if (block.head() != fold_.head())
    stop(fmt::format("the segment up to event {} does not fit the hash chain", block.last_seq()));
}

void log_check::end_segments(const digest& sealed_head) {
  if (row_.sealed_seq != fold_.last_seq())
    stop(fmt::format("the header says that {} events are sealed, but {} are", row_.sealed_seq,
                     fold_.last_seq()));
  if (sealed_head != fold_.head()) tell("the header's hash chain does not agree with the segments");
}

void log_check::take_unsealed(seq_t seq, const journal_event& event) {
  const auto stored = read_stored_event(event.json);
  take(seq, event.json, event.proof, &event.head, stored ? noted_({stored->id}) : noted_map{});
}

void log_check::check_marks(const log_block& block, seq_t seq, const stored_event& event) const {
  if (event.id != block.id(seq)) tell(fmt::format("event {} is marked with another id than its own", seq));
  if (event.type != block.mark(seq).type)
    tell(fmt::format("event {} is marked with another type than its own", seq));
  if (event.time.ms != block.mark(seq).time)
    tell(fmt::format("event {} is marked with another time than its own", seq));
}

/// Takes the next event in, and looks at what the fold does not: its form as JSON, its id, its time.
/// `stored_head`: the chain that is kept beside it; null if none is.
stored_event log_check::take(seq_t seq, std::string_view json, const event_proof& proof,
                             const digest* stored_head, const noted_map& noted) {
  if (auto valid = json::validate(json); !valid)
    stop(fmt::format("event {}: {}", seq, valid.error().message));
  const auto before = fold_.progress().tip.last_time.ms;
  const auto event =
      stored_head != nullptr ? fold_.take(seq, json, proof, *stored_head) : fold_.take(seq, json, proof);
  if (!event) stop(event.error().message);
  check_id(seq, event->id, noted);
  // Finer digits were not looked at when earlier versions wrote.
  if (event->time.ms < before) tell(fmt::format("event {} is earlier than the one before it", seq));
  check_progress();
  return *event;
}

void log_check::check_id(seq_t seq, std::string_view id, const noted_map& noted) {
  const auto found = noted.find(id);
  if (found != noted.end() && found->second == seq)
    ++noted_ids_;
  else if (told_place(id) != seq)
    tell(fmt::format("event {} cannot be found by its id {}", seq, id));
}

/// Where the header was written its progress must be the fold up to there.
void log_check::check_progress() const {
  const auto& header = row_.header.progress;
  if (header.tip.last_seq != fold_.last_seq()) return;
  auto folded = fold_.progress();
  folded.tip.updated_at = header.tip.updated_at;  // also moved by what is no event
  folded.recent_appends = header.recent_appends;  // who appended is not in the log
  forget_payloads(folded, header, fold_.untold());
  forget_what_is_new(folded, header);
  if (folded != header)
    tell(fmt::format("the header as of event {} does not agree with the log", fold_.last_seq()));
}

void log_check::end(std::int64_t noted) {
  if (fold_.last_seq() < row_.header.progress.tip.last_seq)
    tell(fmt::format("the log ends at event {}, but the header knows event {}", fold_.last_seq(),
                     row_.header.progress.tip.last_seq));
  if (noted != noted_ids_)
    tell(fmt::format("{} noted ids belong to no event of the log", noted - noted_ids_));
}

}  // namespace sandbase
