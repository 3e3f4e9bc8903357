#include "http/stream/follow_writer.hpp"

#include "events/frame.hpp"
#include "events/turn_end.hpp"
#include "http/wire/response.hpp"

#include <algorithm>
#include <limits>

namespace sandbase {

namespace {

/// Previews that one client can have open at once; of more it sees none.
constexpr std::size_t max_open_previews = 16;

}  // namespace

result<void> follow_writer::opened(const pull_answer& first) {
  if (auto good = check_continues(first.slice, first.after); !good) return good;
  cursor_ = first.after;
  if (first.at_cursor) cursor_id_ = first.at_cursor->block->id(first.at_cursor->first);
  const bool over = (first.state != log_state::open && first.after == first.end) ||
                    (plan_.until_idle && first.at_cursor && ends_turn(*first.at_cursor->block, first.after));
  if (plan_.reconnects && first.at_cursor && over) {
    // To an EventSource anything else is a reason to come again.
    response_head head;
    head.status = 204;
    head.content_type = {};
    head.request_id = plan_.wire.request_id;
    head.extra = plan_.wire.extra;
    head.close = !plan_.wire.keep_alive;
    head.http11 = plan_.wire.http11;
    std::string text;
    append_head(text, head);
    out_.add(text);
    keep_alive_ = plan_.wire.keep_alive;
    finished_ = true;
    return {};
  }
  chunked_ = plan_.wire.http11 && !plan_.wire.head_only;
  keep_alive_ = plan_.wire.keep_alive && (chunked_ || plan_.wire.head_only);
  out_.add(stream_head(plan_.wire, chunked_ ? body_end::by_chunk : body_end::by_close, 0, keep_alive_));
  plan_.wire.extra = {};
  if (plan_.wire.head_only) {
    finished_ = true;
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
      progress_due_ = false;
    }
  }
  write(finished_);
}

bool follow_writer::ends_stream(const log_block& block, seq_t seq) const {
  return block.mark(seq).type == event_type::session_status_terminated ||
         (plan_.until_idle && ends_turn(block, seq));
}

void follow_writer::move_to(const log_block& block, seq_t seq) {
  cursor_ = seq;
  cursor_id_ = block.id(seq);
  progress_due_ = plan_.wire.filter.active() && !plan_.wire.filter.passes(block, seq);
}

/// Adds the frames of `slice` that pass, run by run; finishes the stream behind an event that ends it.
void follow_writer::take(const log_slice& slice) {
  runs_.clear();
  just_caught_up_ = false;
  for (const auto& [block, first, last] : slice.spans) {
    auto start = first;
    for (auto seq = first; seq <= last; ++seq) {
      if (!open_previews_.empty()) std::erase(open_previews_, block->id(seq));
      if (block->mark(seq).type == event_type::span_model_request_end) open_previews_.clear();
      if (ends_stream(*block, seq)) {
        take_run({block, start, seq});
        add(progress());
        add(done_frame);
        finished_ = true;
        return;
      }
      if (seq < last && block->frames(start, seq).size() < follow_run_bytes) continue;
      take_run({block, start, seq});
      start = seq + 1;
    }
  }
}

void follow_writer::take_run(const block_span& events) {
  part_.append(filtered({{events}}, plan_.wire.filter));
  move_to(*events.block, events.last);
  if (part_.bytes() < follow_run_bytes) return;
  write(false);
  runs_.push_back({out_.bytes(), events.block, events.last});
}

void follow_writer::shed() {
  const auto written = filled_ - out_.bytes();
  for (const auto& r : std::exchange(runs_, {})) {
    if (r.end <= written) continue;
    const auto left = r.end - written;
    if (left == out_.bytes() || finished_) break;
    out_.cut_to(left);
    move_to(*r.block, r.last);
    live_ = false;
    if (just_caught_up_) caught_up_ = false;
    return;
  }
  out_.cut_to(out_.bytes());
}

bool follow_writer::published(const log_slice& slice) {
  if (!live_ || slice.empty() || slice.first_seq() != cursor_ + 1) return false;
  take(slice);
  write(finished_);
  return true;
}

bool follow_writer::passes_whole(const log_slice& slice, seq_t turn_end) const {
  return live_ && !slice.empty() && slice.first_seq() == cursor_ + 1 && !plan_.wire.filter.active() &&
         open_previews_.empty() && (turn_end == 0 || !plan_.until_idle);
}

void follow_writer::passed_whole(const log_slice& slice) {
  runs_.clear();
  move_to(*slice.spans.back().block, slice.last_seq());
}

void follow_writer::ended() {
  if (!finished_) done();
}

void follow_writer::deleted(std::string_view farewell) {
  constexpr std::string_view before_id = "{\"id\":\"";
  const auto id = farewell.substr(before_id.size(), farewell.find('"', before_id.size()) - before_id.size());
  std::string frame;
  append_frame(frame, id, farewell);
  add(frame);
  add(done_frame);
  write(true);
}

void follow_writer::previewed(const preview& p, seq_t log_end) {
  if (!live_ || cursor_ != log_end) return missed_preview(p);
  const auto open = std::find(open_previews_.begin(), open_previews_.end(), p.event_id);
  if (p.is_start) {
    const bool wanted = p.of == event_type::agent_message ? plan_.message_previews : plan_.thinking_previews;
    if (!wanted || open != open_previews_.end() || open_previews_.size() >= max_open_previews) return;
    open_previews_.push_back(p.event_id);
  } else if (open == open_previews_.end()) {
    return;
  }
  runs_.clear();
  add(p.frame);
  write(false);
}

void follow_writer::missed_previews() { open_previews_.clear(); }

void follow_writer::missed_preview(const preview& p) { std::erase(open_previews_, p.event_id); }

void follow_writer::heartbeat() {
  runs_.clear();
  add(": keep-alive\n\n");
  add(progress());
  write(false);
}

void follow_writer::closing(std::string_view reason, std::chrono::milliseconds retry) {
  add(progress());
  add("retry: " + std::to_string(retry.count()) + "\nevent: ping\ndata: {\"type\":\"ping\",\"closing\":\"");
  add(reason);
  add("\"}\n\n");
  keep_alive_ = false;
  write(true);
}

void follow_writer::failed(const failure& why) {
  add("event: error\ndata: " + render_error(to_reply(why), plan_.wire.request_id) + "\n\n");
  keep_alive_ = false;
  write(true);
}

/// A frame of only an id, if the filter kept back what stands there.
std::string follow_writer::progress() {
  if (!std::exchange(progress_due_, false)) return {};
  return "id: " + cursor_id_ + "\n\n";
}

void follow_writer::done() {
  add(progress());
  add(done_frame);
  write(true);
}

void follow_writer::write(bool last) {
  if (last) finished_ = true;
  append_part(out_, std::exchange(part_, {}), chunked_, last);
  filled_ = out_.bytes();
}

pull_request follow_writer::next_pull() const {
  return {cursor_, std::numeric_limits<seq_t>::max(), follow_slice_bytes, false};
}

}  // namespace sandbase
