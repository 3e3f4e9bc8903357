#include "http/stream/replay_writer.hpp"

#include "events/frame.hpp"
#include "http/wire/response.hpp"

namespace sandbase {

result<void> replay_writer::opened(const pull_answer& first) {
  cursor_ = first.after;
  end_ = first.end;
  if (auto good = check(first.slice); !good) return good;
  if (plan_.head_only) {
    keep_alive_ = plan_.keep_alive;
    finished_ = true;
    write_head(body_end::by_close, 0);
    return {};
  }
  auto part = passed(first.slice);
  if (cursor_ < end_) {
    chunked_ = plan_.http11;
    keep_alive_ = plan_.keep_alive && chunked_;
    write_head(chunked_ ? body_end::by_chunk : body_end::by_close, 0);
    write_part(std::move(part), false);
    return {};
  }
  keep_alive_ = plan_.keep_alive;
  finished_ = true;
  part.add(ending());
  write_head(body_end::by_length, part.bytes());
  out_.append(std::move(part));
  return {};
}

void replay_writer::pulled(const pull_answer& next) {
  auto good = check(next.slice);
  if (!good) return failed(good.error());
  auto part = passed(next.slice);
  const bool last = cursor_ >= end_;
  if (last) part.add(ending());
  write_part(std::move(part), last);
}

void replay_writer::failed(const failure& why) {
  outbox part;
  part.add("event: error\ndata: " + render_error(to_reply(why), plan_.request_id) + "\n\n");
  cut_short_ = true;
  write_part(std::move(part), true);
}

pull_request replay_writer::next_pull() const { return {cursor_, end_, replay_slice_bytes, false}; }

// A slice that does not go on where the last one stopped would show another history.
result<void> replay_writer::check(const log_slice& slice) const {
  if (end_ < cursor_) return {errc::corrupt, "a log ends before its cursor"};
  if (slice.empty()) {
    if (cursor_ == end_) return {};
    return {errc::corrupt, "a slice is empty before the end of its log"};
  }
  if (auto good = check_continues(slice, cursor_); !good) return good;
  if (slice.last_seq() > end_) return {errc::corrupt, "a slice goes beyond the end that was fixed"};
  return {};
}

void replay_writer::write_head(body_end end, std::uint64_t length) {
  out_.add(stream_head(plan_, end, length, keep_alive_));
}

/// The frames of `slice` that the filter lets through; moves the cursor behind all of them.
outbox replay_writer::passed(const log_slice& slice) {
  if (!slice.empty()) {
    cursor_ = slice.last_seq();
    if (plan_.filter.active()) last_id_ = slice.spans.back().block->id(cursor_);
  }
  return filtered(slice, plan_.filter);
}

void replay_writer::write_part(outbox part, bool last) {
  finished_ = last;
  append_part(out_, std::move(part), chunked_, last);
}

/// What comes behind the last event.
std::string replay_writer::ending() const {
  std::string text;
  if (!last_id_.empty()) text.append("id: ").append(last_id_).append("\n\n");
  return text.append(done_frame);
}

}  // namespace sandbase
