#include "http/replay_writer.hpp"

#include "events/frame.hpp"
#include "http/response.hpp"

namespace sandbase {

namespace {

constexpr std::string_view stream_lines =
    "Cache-Control: no-cache, no-transform\r\nX-Accel-Buffering: no\r\n";
constexpr std::string_view last_chunk = "0\r\n\r\n";

std::string chunk_start(std::size_t size) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "\r\n";
  do text.insert(text.begin(), digits[size & 15]);
  while (size >>= 4);
  return text;
}

}  // namespace

result<void> replay_writer::opened(const pull_answer& first) {
  cursor_ = first.after;
  end_ = first.end;
  if (auto good = check(first.slice); !good) return good;
  if (plan_.head_only) {
    keep_alive_ = plan_.keep_alive;
    finished_ = true;
    write_head(std::nullopt);
    return {};
  }
  auto part = passed(first.slice);
  if (cursor_ < end_) {
    chunked_ = plan_.http11;
    keep_alive_ = plan_.keep_alive && chunked_;
    write_head(std::nullopt);
    write_part(std::move(part), false);
    return {};
  }
  keep_alive_ = plan_.keep_alive;
  finished_ = true;
  part.add(ending());
  write_head(part.bytes());
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
  auto next = cursor_ + 1;
  for (const auto& span : slice.spans) {
    if (span.first != next || span.last < span.first) return {errc::corrupt, "a slice has a gap"};
    next = span.last + 1;
  }
  if (next > end_ + 1) return {errc::corrupt, "a slice goes beyond the end that was fixed"};
  return {};
}

void replay_writer::write_head(std::optional<std::uint64_t> content_length) {
  response_head head;
  head.content_type = "text/event-stream";
  head.request_id = plan_.request_id;
  const auto extra = std::string{stream_lines} + plan_.extra;
  head.extra = extra;
  head.content_length = content_length;
  head.chunked = chunked_;
  head.close = !keep_alive_;
  head.http11 = plan_.http11;
  std::string text;
  append_head(text, head);
  out_.add(text);
}

/// The frames of `slice` that the filter lets through; moves the cursor behind all of them.
outbox replay_writer::passed(const log_slice& slice) {
  outbox part;
  for (const auto& [block, first, last] : slice.spans) {
    if (!plan_.filter.active()) {
      part.add(block->frames(first, last), block);
      continue;
    }
    for (auto seq = first; seq <= last;) {
      if (!plan_.filter.passes(*block, seq)) {
        ++seq;
        continue;
      }
      const auto start = seq;
      while (seq <= last && plan_.filter.passes(*block, seq)) ++seq;
      part.add(block->frames(start, seq - 1), block);
    }
  }
  if (!slice.empty()) {
    cursor_ = slice.last_seq();
    if (plan_.filter.active()) last_id_ = slice.spans.back().block->id(cursor_);
  }
  return part;
}

void replay_writer::write_part(outbox part, bool last) {
  finished_ = last;
  if (!chunked_) return out_.append(std::move(part));
  if (!part.empty()) {  // an empty chunk would be the end
    out_.add(chunk_start(part.bytes()));
    out_.append(std::move(part));
    out_.add("\r\n");
  }
  if (last) out_.add(last_chunk);
}

/// What comes behind the last event.
std::string replay_writer::ending() const {
  std::string text;
  if (!last_id_.empty()) text.append("id: ").append(last_id_).append("\n\n");
  return text.append(done_frame);
}

}  // namespace sandbase
