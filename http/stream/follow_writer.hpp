// SPDX-License-Identifier: Apache-2.0
// The protocol of a followed stream: history, then what happens next, until an end.
//
//   opened() ──► [204] ──► finished
//      │
//      ├──► behind ──next_pull(), pulled()──► live ──published(), previewed(), heartbeat()──┐
//      │       ▲                               └──────────── more than was published ───────┤
//      │       └────────────────────────────────────────────────────────────────────────────┘
//      └──► [terminated, archived, deleted, the idle waited for: `[DONE]`; else closing() or failed()]
//             └──► finished
#pragma once

#include "http/stream/stream_writer.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sandbase {

/// What a client asked of a followed stream.
struct follow_plan {
  stream_plan wire;
  bool until_idle = false;
  /// event_deltas: agent.message.
  bool message_previews = false;
  /// event_deltas: agent.thinking.
  bool thinking_previews = false;
};

/// Bytes of frames that one pull of a followed stream asks for.
inline constexpr std::size_t follow_slice_bytes = 64 * 1024;
/// Bytes of frames that make one chunk, or one frame if that is longer:
/// what a stream keeps for a client that takes nothing.
inline constexpr std::size_t follow_run_bytes = 8 * 1024;

class follow_writer final : public stream_writer {
 public:
  explicit follow_writer(follow_plan plan);

  result<void> opened(const pull_answer& first) override;
  void reopened(const pull_answer& first) override;
  void pulled(const pull_answer& next) override;
  pull_request next_pull() const override;
  std::size_t slice_bytes() const override { return follow_slice_bytes; }

  bool follows() const override { return true; }
  bool is_live() const override { return live_; }
  bool published(const log_slice& slice) override;
  bool passes_whole(const log_slice& slice, seq_t turn_end) const override;
  void passed_whole(const log_slice& slice) override;
  void ended() override;
  void deleted(std::string_view farewell) override;
  void previewed(const preview& p, seq_t log_end) override;
  void missed_preview(const preview& p) override;
  void missed_previews() override;

 private:
  void take(const log_slice& slice);
  void settle(const pull_answer& answer);
  void went_back() override;
  void done();

  const bool until_idle_;
  const bool message_previews_;
  const bool thinking_previews_;
  std::vector<std::string> open_previews_;
  bool live_ = false;
  bool caught_up_ = false;
  /// The ping that says so is in out().
  bool just_caught_up_ = false;
};

}  // namespace sandbase
