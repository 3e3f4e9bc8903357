// SPDX-License-Identifier: Apache-2.0
// The protocol of a replay: the log as it stood, then `[DONE]`.
//
//   opened() ──► [whole log in the first slice: Content-Length] ──► finished
//      │
//      └──► next_pull(), pulled() … ──► [end reached or error frame: last chunk] ──► finished
#pragma once

#include "http/stream/stream_writer.hpp"

namespace sandbase {

/// Bytes of frames that one pull asks for: a session of a thousand events is often one slice.
inline constexpr std::size_t replay_slice_bytes = 512 * 1024;
/// Bytes of frames that go in one chunk, or a block if that is longer.
inline constexpr std::size_t replay_run_bytes = 32 * 1024;

class replay_writer final : public stream_writer {
 public:
  explicit replay_writer(stream_plan plan) : stream_writer(std::move(plan)) {}

  result<void> opened(const pull_answer& first) override;
  void pulled(const pull_answer& next) override;
  pull_request next_pull() const override;
  std::size_t slice_bytes() const override { return plan_.head_only ? 1 : replay_slice_bytes; }

 private:
  bool can_reopen_end() const override { return !cut_short_; }
  result<void> check(const log_slice& slice) const;
  void take(const log_slice& slice);

  seq_t end_ = 0;
};

}  // namespace sandbase
