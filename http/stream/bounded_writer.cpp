// SPDX-License-Identifier: Apache-2.0
#include "http/stream/bounded_writer.hpp"

namespace sandbase {

result<void> bounded_writer::opened(const pull_answer& first) {
  cursor_ = first.after;
  end_ = end_of(first);
  const auto slice = slice_of(first);
  if (auto good = check(slice); !good) return good;
  if (begin(first)) return {};
  keep_alive_ = plan_.keep_alive;
  const auto last = slice.empty() ? cursor_ : slice.last_seq();
  if (plan_.head_only) {
    finished_ = true;
    out_.add(head(body_end::by_close, 0, keep_alive_));
    return {};
  }
  if (last >= end_) {
    add_start();
    take(slice);
    prepend(head(body_end::by_length, out_.bytes(), keep_alive_));
    return {};
  }
  chunked_ = plan_.http11;
  keep_alive_ = plan_.keep_alive && chunked_;
  out_.add(head(chunked_ ? body_end::by_chunk : body_end::by_close, 0, keep_alive_));
  add_start();
  take(slice);
  return {};
}

void bounded_writer::pulled(const pull_answer& next) {
  if (auto good = check(next.slice); !good) return failed(good.error());
  take(next.slice);
}

pull_request bounded_writer::next_pull() const { return {cursor_, end_, bounded_slice_bytes, false}; }

// A slice that does not go on where the last one stopped would show another history.
result<void> bounded_writer::check(const log_slice& slice) const {
  if (end_ < cursor_) return {errc::corrupt, "a log ends before its cursor"};
  if (slice.empty()) {
    if (cursor_ == end_) return {};
    return {errc::corrupt, "a slice is empty before the end of its log"};
  }
  if (auto good = check_continues(slice, cursor_); !good) return good;
  if (slice.last_seq() > end_) return {errc::corrupt, "a slice goes beyond the end that was fixed"};
  return {};
}

void bounded_writer::take(const log_slice& slice) {
  begin_step();
  const auto before = out_.bytes();
  for (const auto& span : slice.spans) add_span(span);
  const bool last = cursor_ >= end_;
  if (last) add_end();
  if (by_length_ && !pay(made() - before, last)) {
    out_.cut_to(before);
    return failed({errc::unavailable, "an event was erased behind a length that had been promised"});
  }
  write(last);
}

/// @returns whether so many bytes are what the client was told will come
bool bounded_writer::pay(std::size_t bytes, bool last) {
  if (bytes > owed_ || (last && bytes < owed_)) return false;
  owed_ -= bytes;
  return true;
}

}  // namespace sandbase
