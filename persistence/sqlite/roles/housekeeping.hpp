// SPDX-License-Identifier: Apache-2.0
// What is done beside commits, in small steps: sealing what gone writers left, removing journal rows that
// segments hold, copies of what was erased, what deleted sessions left, old records. These steps are not
// synced by themselves: one that a power cut loses is done again.
#pragma once

#include "persistence/event_store.hpp"
#include "persistence/sqlite/roles/erasing.hpp"
#include "persistence/sqlite/roles/ledger.hpp"
#include "persistence/sqlite/sql/connection.hpp"

#include <optional>
#include <set>

namespace sandbase::sqlite {

/// Of the writer; its thread.
class housekeeping {
 public:
  housekeeping(connection& db, ledger& known) : db_(db), ledger_(known), copies_(db, known) {}

  /// event_store::housekeep; failures are thrown. `next_row`: of the journal.
  bool run(const house_budget& budget, journal_row next_row);
  /// The journal's dead rows take a large part of what its live ones may take.
  bool is_behind() const { return can_trim_ && dead_bytes() >= ledger_.max_bytes() / 8; }
  /// A session was deleted: there is something to sweep.
  void note_deletion() { nothing_deleted_ = false; }
  /// Of events that were erased.
  copy_eraser& copies() { return copies_; }

 private:
  bool step(const house_budget& budget, journal_row next_row);
  /// The kind of work whose turn it is.
  bool take_turn(const house_budget& budget, journal_row next_row);
  /// Each does one step of some milliseconds. @returns whether it found something to do
  bool seal_orphans(bool pressing_only);
  bool trim(const house_budget& budget, journal_row next_row);
  /// About so many, in front of the oldest row that is still needed.
  std::int64_t dead_bytes() const { return ledger_.oldest_place() - trimmed_place_; }
  bool sweep();
  bool expire(timestamp now);

  connection& db_;
  ledger& ledger_;
  int turn_ = 0;
  copy_eraser copies_;
  /// It has met no damage.
  bool can_trim_ = true;
  /// Everything before it is deleted already,
  journal_row trimmed_ = 0;
  /// and about so many bytes stood before it: the ledger counts runs, and what was erased since is shorter.
  std::int64_t trimmed_place_ = 0;
  /// From here on there may be rows before it that were kept.
  std::optional<journal_row> kept_from_;
  /// As of a look into the table.
  bool nothing_deleted_ = false;
  /// Deleted sessions whose rest is damaged: it stays.
  std::set<session_key> unswept_;
  /// When to look for old records again.
  timestamp expire_at_{};
};

}  // namespace sandbase::sqlite
