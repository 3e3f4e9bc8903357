// SPDX-License-Identifier: Apache-2.0
// What a session published, made ready once for all streams of an io thread.
#pragma once

#include "actors/messages/all.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace sandbase {

class publication {
 public:
  explicit publication(const published& p);

  const log_slice& slice() const { return message_.slice; }
  seq_t end() const { return message_.end; }
  log_state state() const { return message_.state; }
  const std::shared_ptr<const std::string>& farewell() const { return message_.farewell; }
  /// See find_turn_end.
  seq_t turn_end() const { return turn_end_; }
  /// All new frames as one chunk; null if there are none, or too many to be worth a copy.
  const std::shared_ptr<const std::string>& chunk() const { return chunk_; }
  /// The frames within chunk().
  std::string_view frames() const { return frames_; }

 private:
  published message_;
  seq_t turn_end_ = 0;
  std::shared_ptr<const std::string> chunk_;
  std::string_view frames_;
};

}  // namespace sandbase
