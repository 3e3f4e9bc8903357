// SPDX-License-Identifier: Apache-2.0
#include "http/stream/follow_writer.hpp"

#include "events/event/stored_layout.hpp"
#include "events/log/frame.hpp"
#include "events/log/turn_end.hpp"

#include <algorithm>
#include <limits>

namespace sandbase {

namespace {

/// Previews that one client can have open at once; of more it sees none.
constexpr std::size_t max_open_previews = 16;

}  // namespace

follow_writer::follow_writer(follow_plan plan)
    : stream_writer(std::move(plan.wire)),
      until_idle_(plan.until_idle),
      message_previews_(plan.message_previews),
      thinking_previews_(plan.thinking_previews) {}

result<void> follow_writer::opened(const pull_answer& first) {
  if (auto good = check_continues(first.slice, first.after); !good) return good;
  const bool over = (first.state != log_state::open && first.after == first.end) ||
                    (until_idle_ && first.at_cursor && ends_turn(*first.at_cursor->block, first.after));
  if (begin_at(first, over)) return {};
  chunked_ = plan_.http11 && !plan_.head_only;
  keep_alive_ = plan_.keep_alive && (chunked_ || plan_.head_only);
  out_.add(stream_head(plan_, chunked_ ? body_end::by_chunk : body_end::by_close, 0, keep_alive_));
  plan_.extra = {};
  if (plan_.head_only) {
    finished_ = true;
    return {};
  }
  if (over && plan_.reconnects) {
    done();
    return {};
  }
  take(first.slice);
  settle(first);
  return {};
}

void follow_writer::reopened(const pull_answer& first) {
  if (first.after != cursor_)
    return failed({errc::corrupt, "a session's log does not fit what was shown of it"});
  pulled(first);
}

void follow_writer::pulled(const pull_answer& next) {
  if (auto good = check_continues(next.slice, cursor_); !good) return failed(good.error());
  take(next.slice);
  settle(next);
}

/// After a slice: an end, the seam to live, or on with the next slice.
void follow_writer::settle(const pull_answer& answer) {
  if (!finished_) {
    live_ = answer.live && cursor_ >= answer.end;
    if (live_ && answer.state != log_state::open) return done();
    if (live_ && !caught_up_) {
      caught_up_ = true;
      just_caught_up_ = true;
      add("event: ping\nid: ");
      add(cursor_id_.empty() ? std::string_view{"start"} : std::string_view{cursor_id_});
      add("\ndata: {\"type\":\"ping\",\"caught_up\":true}\n\n");
      told_id();
    }
  }
  write(finished_);
}

/// Adds the frames of `slice` that pass, run by run; finishes the stream behind the idle that is waited for.
/// No other event ends it: behind session.status_terminated the log still tells of erased events.
void follow_writer::take(const log_slice& slice) {
  begin_step();
  just_caught_up_ = false;
  for (const auto& [block, first, last] : slice.spans) {
    auto start = first;
    for (auto seq = first; seq <= last; ++seq) {
      if (!open_previews_.empty()) std::erase(open_previews_, block->id(seq));
      if (block->mark(seq).type == event_type::span_model_request_end) open_previews_.clear();
      if (until_idle_ && ends_turn(*block, seq)) {
        add_events({block, start, seq}, follow_run_bytes);
        add_done();
        finished_ = true;
        return;
      }
      if (seq < last && block->frames(start, seq).size() < follow_run_bytes) continue;
      add_events({block, start, seq}, follow_run_bytes);
      start = seq + 1;
    }
  }
}

void follow_writer::went_back() {
  live_ = false;
  if (just_caught_up_) caught_up_ = false;
}

bool follow_writer::published(const log_slice& slice) {
  if (!live_ || slice.empty() || slice.first_seq() != cursor_ + 1) return false;
  take(slice);
  write(finished_);
  return true;
}

bool follow_writer::passes_whole(const log_slice& slice, seq_t turn_end) const {
  return live_ && !slice.empty() && slice.first_seq() == cursor_ + 1 && !plan_.filter.active() &&
         open_previews_.empty() && (turn_end == 0 || !until_idle_);
}

void follow_writer::passed_whole(const log_slice& slice) {
  begin_step();
  move_to(*slice.spans.back().block, slice.last_seq());
}

void follow_writer::ended() {
  if (!finished_) done();
}

void follow_writer::deleted(std::string_view farewell) {
  std::string frame;
  append_frame(frame, stored_layout::read_front(farewell).value_or(stored_layout::front{}).id, farewell);
  add(frame);
  told_id();
  add_done();
  write(true);
}

void follow_writer::previewed(const preview& p, seq_t log_end) {
  if (!live_ || cursor_ != log_end) return missed_preview(p);
  const auto open = std::find(open_previews_.begin(), open_previews_.end(), p.event_id);
  if (p.is_start) {
    const bool wanted = p.of == event_type::agent_message ? message_previews_ : thinking_previews_;
    if (!wanted || open != open_previews_.end() || open_previews_.size() >= max_open_previews) return;
    open_previews_.push_back(p.event_id);
  } else if (open == open_previews_.end()) {
    return;
  }
  begin_step();
  add(p.frame);
  write(false);
}

void follow_writer::missed_previews() { open_previews_.clear(); }

void follow_writer::missed_preview(const preview& p) { std::erase(open_previews_, p.event_id); }

void follow_writer::done() {
  add_done();
  write(true);
}

pull_request follow_writer::next_pull() const {
  return {cursor_, std::numeric_limits<seq_t>::max(), follow_slice_bytes, false};
}

}  // namespace sandbase
