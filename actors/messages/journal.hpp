// SPDX-License-Identifier: Apache-2.0
// What the journal is sent, and what it answers.
#pragma once

#include "actors/actors.hpp"
#include "persistence/event_store.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sandbase {

struct claim_request {
  session_key key = 0;
  session_actor session;
};
struct claim_answer {
  std::uint64_t incarnation = 0;
  session_row row;
  /// Behind row.sealed_seq, in order.
  std::vector<journal_event> unsealed;
};
struct commit_request {
  std::uint64_t incarnation = 0;
  /// Counts up within an incarnation.
  std::uint64_t number = 0;
  digest previous_head{};
  /// After the events.
  log_tip tip;
  /// Handed over: the sender keeps no reference.
  std::shared_ptr<append_op> op;
};
struct seal_request {
  std::uint64_t incarnation = 0;
  /// Handed over.
  std::shared_ptr<seal_op> op;
};
struct journal_create {
  /// After the initial events.
  log_tip tip;
  /// Handed over.
  std::shared_ptr<create_op> op;
};
struct journal_created {
  session_key session = 0;
  bool existed = false;
  std::string existing_id;
};
struct journal_delete {
  std::uint64_t incarnation = 0;
  session_key session = 0;
};
struct release_session {
  std::uint64_t incarnation = 0;
  session_key session = 0;
};
struct overlay_request {
  std::vector<session_key> sessions;
};
struct overlay_answer {
  /// Of those that the ledger holds.
  std::vector<std::pair<session_key, log_tip>> tips;
};
struct journal_flush {};
struct journal_tick {};
struct journal_stop {};
struct checkpoint_now {};
struct checkpoint_done {
  failure error;
};

}  // namespace sandbase
