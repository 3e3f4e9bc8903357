// SPDX-License-Identifier: Apache-2.0
// Erasing an event so that its payload stands nowhere in the store's files. Where it is read, in its segment
// or its journal row, the tombstone takes its place within the commit. What else there is of it: the row that
// it had in the journal before it was sealed, and the write-ahead log, which has all pages as they were. Both
// are done away with soon after, by housekeeping. Freed pages hold nothing (secure_delete). What SQLite
// has of it in memory goes then as well: readers let go of their pages when the ledger says so.
#pragma once

#include "persistence/operations.hpp"
#include "persistence/sqlite/roles/ledger.hpp"
#include "persistence/sqlite/sql/connection.hpp"
#include "persistence/sqlite/tables/journal_table.hpp"

#include <atomic>
#include <set>
#include <span>
#include <utility>

namespace sandbase::sqlite {

/// Puts the tombstone in place and notes that copies are to be found. `runs`: the session's unsealed rows.
/// Throws `corrupt` if the event is not where it should be. @pre inside a transaction
void erase_event(connection& db, session_key session, const event_erasure& what,
                 std::span<const row_run> runs);

/// Finds the copies of what was erased. Where it has got to is not kept: after a crash it begins again. Of
/// the writer's thread, but for what is named.
class copy_eraser {
 public:
  copy_eraser(connection& db, ledger& known) : db_(db), ledger_(known) {}

  /// A commit has erased something.
  void note() { has_new_ = true; }
  /// One step of some milliseconds. `next_row`: of the journal. @returns whether there was something to do
  bool step(timestamp now, journal_row next_row);

  /// What is left to do is to empty the write-ahead log, beside which commits wait: so another thread moves
  /// first what it can, and tells log_moved().
  bool wants_moved_log() const { return wants_moved_log_; }
  /// No copy is left in the files, for the first time since forget_conclusion(): it is memory's turn.
  bool has_concluded() const { return has_concluded_; }
  void forget_conclusion() { has_concluded_ = false; }
  /// Any thread.
  void log_moved() { wants_moved_log_ = false; }

 private:
  enum class phase : std::uint8_t { idle, looking, emptying };

  bool begin(journal_row next_row);
  void look();
  bool empty(timestamp now);
  void conclude();
  /// Whether any of these events was erased.
  bool is_erased_of(session_key session, seq_t first, seq_t last) const;
  bool is_live(session_key session, seq_t seq);

  connection& db_;
  ledger& ledger_;
  phase phase_ = phase::idle;
  /// There may be something in the table that is not in the round under way. True at first: a crash may have
  /// left it.
  bool has_new_ = true;
  bool has_concluded_ = false;
  /// Of this round.
  std::set<std::pair<session_key, seq_t>> erased_;
  /// Sessions of these that cannot be read: their copies are left for another round.
  std::set<session_key> unreadable_;
  /// What is left of the journal to be looked at: [from, up_to).
  journal_row from_ = 0;
  journal_row up_to_ = 0;
  timestamp ask_again_at_{};
  /// The log was asked to be moved, for the next try to empty it.
  bool has_asked_ = false;
  std::atomic<bool> wants_moved_log_ = false;
};

}  // namespace sandbase::sqlite
