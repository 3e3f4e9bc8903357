// SPDX-License-Identifier: Apache-2.0
// What journals are sent, and what they answer; the same of who claims for them.
#pragma once

#include "actors/actors.hpp"
#include "actors/bounds/request_lease.hpp"
#include "persistence/event_store.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace sandbase {

/// When something was asked for, by the actor system's clock: from then on somebody waits.
using asked_at = std::chrono::steady_clock::time_point;

struct claim_request {
  session_key key = 0;
  session_actor session;
  asked_at asked = asked_at::max();
};
struct claim_answer {
  claimed_session claimed;
};
struct claim_session {
  session_key session = 0;
  asked_at asked = asked_at::max();
};
struct claims_flush {};
struct commit_request {
  /// Counts up within an epoch.
  std::uint64_t number = 0;
  /// Handed over: the sender keeps no reference.
  std::shared_ptr<append_op> op;
  /// Of the request that it came of, until it is decided.
  request_lease_ptr lease{};
  asked_at asked = asked_at::max();
};
struct seal_request {
  /// Handed over.
  std::shared_ptr<seal_op> op;
};
struct journal_create {
  /// Handed over.
  std::shared_ptr<create_op> op;
  /// As of a commit_request.
  request_lease_ptr lease{};
  asked_at asked = asked_at::max();
};
struct journal_created {
  session_key session = 0;
  bool existed = false;
  std::string existing_id;
};
struct journal_delete {
  session_key session = 0;
  epoch_t epoch = 0;
  deletion_record how;
  asked_at asked = asked_at::max();
};
struct journal_flush {};
struct journal_tick {};
struct journal_stop {};
struct checkpoint_now {};
struct checkpoint_done {
  failure error;
};

}  // namespace sandbase
