// SPDX-License-Identifier: Apache-2.0
// What is done beside commits, on one node at a time, in small steps: sealing what gone writers left,
// removing what deleted sessions left, and old records.
#pragma once

#include "persistence/event_store.hpp"
#include "persistence/postgres/roles/writer_group.hpp"
#include "persistence/postgres/sql/connection.hpp"

#include <chrono>
#include <deque>
#include <set>

namespace sandbase::postgres {

/// Of the first writer of a process, on its connection.
class housekeeping {
 public:
  housekeeping(connection& db, writer_group& group) : db_(db), group_(group) {}

  /// event_store::housekeep. Nothing, as long as another node does it.
  /// `adrift`: gets the sessions that may have been claimed for a seal that was not stored.
  bool run(const house_budget& budget, std::set<session_key>& adrift);

 private:
  /// Each does one step. @returns whether it found something to do
  bool step(const house_budget& budget);
  bool seal_orphan();
  void look_for_orphans();
  bool sweep();
  bool merge();

  void seal(session_key session);
  void sweep_some_of(session_key session, workspace_key workspace);

  using clock = std::chrono::steady_clock;
  /// Behind a round that found nothing to do, under load.
  static constexpr std::chrono::seconds rest{1};

  connection& db_;
  writer_group& group_;
  clock::time_point rests_until_{};
  std::set<session_key>* adrift_ = nullptr;
  int turn_ = 0;
  /// Sessions up to here were looked at for their writers; 0: none, or all.
  session_key walked_ = 0;
  /// Of these, those that had no writer and are still to be sealed.
  std::deque<session_key> orphans_;
  /// In this round, as far as one step goes.
  bool has_looked_ = false;
};

}  // namespace sandbase::postgres
