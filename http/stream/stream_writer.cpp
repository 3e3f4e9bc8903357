// SPDX-License-Identifier: Apache-2.0
#include "http/stream/stream_writer.hpp"

#include "http/wire/response.hpp"

#include <fmt/core.h>

namespace sandbase {

bool stream_writer::begin_at(const pull_answer& first, bool over) {
  cursor_ = first.after;
  if (first.at_cursor) cursor_id_ = first.at_cursor->block->id(first.at_cursor->first);
  if (cursor_ == 0) cursor_id_.clear();
  if (!over || !plan_.reconnects || !plan_.reader.event_source) return false;
  // To an EventSource anything else is a reason to come again.
  told_to_stop_ = true;
  out_.add(stop_answer(plan_));
  keep_alive_ = plan_.keep_alive;
  finished_ = true;
  return true;
}

void stream_writer::failed(const failure& why) {
  why_failed_ = why;
  add(fmt::format("event: error\ndata: {}\n\n", render_error(to_reply(why), plan_.request_id)));
  cut();
}

void stream_writer::closing(std::string_view reason, std::chrono::milliseconds retry) {
  if (follows() || plan_.reader.sdk) {
    add_progress();
    add(closing_frame(plan_.reader, reason, retry, plan_.request_id));
  }
  cut();
}

void stream_writer::cut() {
  // No frame can take the place of the rest of a promised length: what comes is too short then.
  if (by_length_) part_.clear();
  cut_short_ = true;
  keep_alive_ = false;
  write(true);
}

void stream_writer::heartbeat() {
  if (by_length_) return;
  begin_step();
  add(": keep-alive\n\n");
  add_progress();
  write(false);
}

void stream_writer::add_progress() {
  if (!progress_due_ || !follows()) return;
  add(progress_ping(cursor_id_));
  told_id();
}

void stream_writer::add_done() {
  if (progress_due_ || !any_id_told_) add(closing_id(plan_.reader, cursor_id_));
  told_id();
  add(done_frame_for(plan_.reader));
}

void stream_writer::add_events(const block_span& events, std::size_t run_bytes) {
  if (add_filtered(part_, events, plan_.filter)) any_id_told_ = true;
  added(events, run_bytes);
}

void stream_writer::added(const block_span& events, std::size_t run_bytes) {
  move_to(*events.block, events.last);
  if (part_.bytes() < run_bytes) return;
  write(false);
  runs_.push_back({out_.bytes(), events.block, events.last});
}

void stream_writer::move_to(const log_block& block, seq_t seq) {
  cursor_ = seq;
  cursor_id_ = block.id(seq);
  progress_due_ = is_kept_back(block, seq);
}

void stream_writer::write(bool last) {
  if (last) finished_ = true;
  append_part(out_, std::exchange(part_, {}), chunked_, last && !cut_short_);
  filled_ = out_.bytes();
}

void stream_writer::prepend(std::string head) {
  by_length_ = true;
  for (auto& r : runs_) r.end += head.size();
  filled_ += head.size();
  out_.prepend(std::move(head));
}

void stream_writer::shed() {
  const auto written = filled_ - out_.bytes();
  const bool rewinds = !finished_ || can_reopen_end();
  for (const auto& r : std::exchange(runs_, {})) {
    if (r.end <= written) continue;
    const auto left = r.end - written;
    if (left == out_.bytes() || !rewinds) break;
    if (by_length_) owed_ += out_.bytes() - left;
    out_.cut_to(left);
    filled_ = written + left;
    move_to(*r.block, r.last);
    finished_ = false;
    return went_back();
  }
  out_.cut_to(out_.bytes());
}

}  // namespace sandbase
