// SPDX-License-Identifier: Apache-2.0
// What is done beside commits, on one node at a time, in small steps: sealing what gone writers left,
// removing what deleted sessions left, and old records.
#pragma once

#include "persistence/event_store.hpp"
#include "persistence/postgres/sql/connection.hpp"

#include <map>
#include <set>
#include <string>

namespace sandbase::postgres {

/// Of a writer, on its connection.
class housekeeping {
 public:
  housekeeping(connection& db, std::int64_t node) : db_(db), node_(node) {}

  /// event_store::housekeep. Nothing, as long as another node does it.
  /// `adrift`: gets the sessions that may have been claimed for a seal that was not stored.
  bool run(const house_budget& budget, bool is_pressed, std::set<session_key>& adrift);
  /// It is damaged.
  void set_aside(session_key session, std::string_view why);
  /// Its last segment is small: several may be joined.
  void note_small(session_key session);
  /// Sessions whose unsealed events do not make a log, and why.
  const std::map<session_key, std::string>& damaged() const { return damaged_; }

 private:
  /// Each does one step. @returns whether it found something to do
  bool step(const house_budget& budget, bool is_pressed);
  bool seal_orphan();
  bool sweep();
  bool merge();

  void seal(session_key session);
  void sweep_some_of(session_key session, workspace_key workspace);

  connection& db_;
  const std::int64_t node_;
  std::set<session_key>* adrift_ = nullptr;
  int turn_ = 0;
  /// Sessions up to here were looked at for their writers; 0: none, or all.
  session_key walked_ = 0;
  /// In this round, as far as one step goes.
  bool has_looked_ = false;
  std::map<session_key, std::string> damaged_;
  std::set<session_key> small_;
};

}  // namespace sandbase::postgres
