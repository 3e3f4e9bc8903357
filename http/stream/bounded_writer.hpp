// SPDX-License-Identifier: Apache-2.0
// The protocol of a stream whose end is fixed when it begins: a replay, an export.
//
//   opened() ──► [whole log in the first slice: Content-Length] ──► finished
//      │
//      └──► next_pull(), pulled() … ──► [end reached or error: last chunk or none] ──► finished
#pragma once

#include "http/stream/stream_writer.hpp"

namespace sandbase {

/// Bytes of frames that one pull asks for: a session of a thousand events is often one slice.
inline constexpr std::size_t bounded_slice_bytes = 512 * 1024;
/// Bytes that go in one chunk, or what one block makes if that is longer.
inline constexpr std::size_t bounded_run_bytes = 32 * 1024;

class bounded_writer : public stream_writer {
 public:
  result<void> opened(const pull_answer& first) final;
  void pulled(const pull_answer& next) final;
  pull_request next_pull() const final;
  std::size_t slice_bytes() const final { return plan_.head_only ? 1 : bounded_slice_bytes; }

 protected:
  using stream_writer::stream_writer;

  /// Where it ends, and what of the answer to the opening question belongs to it.
  virtual seq_t end_of(const pull_answer& first) const { return first.end; }
  virtual log_slice slice_of(const pull_answer& first) const { return first.slice; }
  /// Moves to where it starts. @returns whether that is all, and written
  virtual bool begin(const pull_answer& first) = 0;
  virtual std::string head(body_end end, std::uint64_t length, bool keep_alive) const = 0;
  /// What stands before all events.
  virtual void add_start() {}
  virtual void add_span(const block_span& events) = 0;
  /// What stands behind all events.
  virtual void add_end() {}

 private:
  bool can_reopen_end() const final { return !cut_short_; }
  result<void> check(const log_slice& slice) const;
  void take(const log_slice& slice);
  bool pay(std::size_t bytes, bool last);

  seq_t end_ = 0;
};

}  // namespace sandbase
