// SPDX-License-Identifier: Apache-2.0
// The bytes of a replay: the log as it stood, then `[DONE]`.
#pragma once

#include "http/stream/bounded_writer.hpp"

namespace sandbase {

class replay_writer final : public bounded_writer {
 public:
  explicit replay_writer(stream_plan plan) : bounded_writer(std::move(plan)) {}

 private:
  bool begin(const pull_answer& first) override {
    return begin_at(first, first.state != log_state::open && first.after == first.end);
  }
  std::string head(body_end end, std::uint64_t length, bool keep_alive) const override {
    return stream_head(plan_, end, length, keep_alive);
  }
  void add_span(const block_span& events) override { add_events(events, bounded_run_bytes); }
  void add_end() override { add_done(); }
};

}  // namespace sandbase
