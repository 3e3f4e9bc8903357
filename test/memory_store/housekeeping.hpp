// SPDX-License-Identifier: Apache-2.0
// What is done beside commits, in small steps: sealing what gone writers left, removing what deleted sessions
// left, and old records.
#pragma once

#include "persistence/event_store.hpp"
#include "test/memory_store/memory_database.hpp"

#include <map>
#include <string>

namespace sandbase::memory {

/// Of a writer.
class housekeeping {
 public:
  explicit housekeeping(memory_database& database) : database_(database) {}

  /// event_store::housekeep
  bool run(const house_budget& budget, bool is_pressed);
  /// Sessions whose unsealed events do not make a log, and why.
  const std::map<session_key, std::string>& damaged() const { return damaged_; }

 private:
  /// Each does one step. @returns whether it found something to do
  bool step(const house_budget& budget, bool is_pressed);
  bool seal_orphan();
  bool sweep();
  bool expire(timestamp now);

  /// All that a session has unsealed.
  failure seal(const log_end& end);

  memory_database& database_;
  int turn_ = 0;
  std::map<session_key, std::string> damaged_;
};

}  // namespace sandbase::memory
