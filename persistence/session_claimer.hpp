// SPDX-License-Identifier: Apache-2.0
// Claims beside commits, for stores whose fence is in the database: whoever waits for a transaction under way
// then holds up nobody else's commit.
#pragma once

#include "persistence/event_store.hpp"

#include <span>
#include <vector>

namespace sandbase {

/// Of the writers of one process. Blocking; one thread at a time.
class session_claimer {
 public:
  virtual ~session_claimer() = default;

  /// Sessions of one call, which cost about as much as one.
  static constexpr std::size_t max_sessions = 64;

  /// As event_store::claim() for each of them, answers in their order: its writer in this process
  /// (lane_of()) is the session's. That has to be told by event_store::adopt(), and before by
  /// expect_claim(). What is wrong with one, damage or a row that somebody else has locked, costs the others
  /// nothing.
  /// @pre no session stands twice in it
  virtual std::vector<result<claimed_session>> claim(std::span<const session_key> sessions) = 0;
};

}  // namespace sandbase
