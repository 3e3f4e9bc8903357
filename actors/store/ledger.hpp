// SPDX-License-Identifier: Apache-2.0
// The journal's ledger: for each session that has a writer or unsealed events,
// who may append, where the log ends, and where its unsealed rows stand. Plain
// data structure; decides before any statement reaches the store.
#pragma once

#include "actors/messages/all.hpp"
#include "events/base/result.hpp"
#include "persistence/event_store.hpp"

#include <cstdint>
#include <deque>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sandbase {

class ledger {
 public:
  struct entry {
    workspace_key workspace = 0;
    /// The writer's; 0: there is none.
    std::uint64_t incarnation = 0;
    /// The writer; null if there is none.
    session_actor owner;
    /// An append of the writer's was not stored.
    bool is_cut = false;
    seq_t sealed_seq = 0;
    /// The end of the log as committed.
    log_tip tip;
    /// Unsealed rows, oldest first.
    std::deque<row_run> runs;
    /// Their JSON.
    std::int64_t bytes = 0;
    /// (last seq, JSON bytes) of each run of `runs`.
    std::deque<std::pair<seq_t, std::int64_t>> sizes;
  };

  /// What a start-up scan found.
  void load(std::vector<ledger_row> rows);

  /// Makes `owner` the writer, voiding whoever was before. @returns the new incarnation
  std::uint64_t claim(session_key session, const session_row& row, session_actor owner);
  /// An append of the writer's was not stored: what it sent behind that does not count. It has to claim anew.
  void cut(session_key session, std::uint64_t incarnation);
  /// The writer goes. The entry stays while it has unsealed rows.
  void release(session_key session, std::uint64_t incarnation);
  /// A session was made with initial events (none: nothing to keep).
  void created(session_key session, workspace_key workspace, journal_row first_row, std::int64_t bytes,
               const log_tip& tip);
  void erased(session_key session);

  const entry* find(session_key session) const;

  /// A batch on its way to the store. Appends are checked against what the batch already holds; nothing in
  /// the ledger changes before apply().
  class batch {
   public:
    explicit batch(ledger& owner) : ledger_(owner) {}
    /// `unavailable` if the incarnation is stale or cut, or the events do not
    /// stand right behind the log's end.
    result<void> append(std::uint64_t incarnation, const digest& previous_head, const append_op& op,
                        const log_tip& tip);
    /// `unavailable` if the incarnation is stale (0: the session must have no writer) or cut, or the header
    /// is not of the log's end.
    result<void> seal(std::uint64_t incarnation, const seal_op& op);

   private:
    friend class ledger;
    struct end {
      seq_t seq;
      digest head;
    };
    const entry* current(session_key session, std::uint64_t incarnation) const;
    end end_of(session_key session, const entry& e) const;

    ledger& ledger_;
    std::unordered_map<session_key, end> ends_;
  };
  batch begin() { return batch{*this}; }

  /// The store committed these; in the batch's order.
  void appended(session_key session, journal_row first_row, std::int64_t count, std::int64_t bytes,
                const log_tip& tip);
  void sealed(session_key session, seq_t last_seq);

  /// Oldest row that is still needed: everything before it may be deleted. `next_row` if none is.
  journal_row oldest_row(journal_row next_row) const;
  /// Up to `n` sessions with the oldest unsealed rows.
  std::vector<session_key> oldest_sessions(std::size_t n) const;
  /// Up to `n` sessions with unsealed rows and no writer, oldest rows first.
  std::vector<session_key> orphans(std::size_t n) const;

  std::size_t size() const { return entries_.size(); }
  std::int64_t unsealed_bytes() const { return bytes_; }

 private:
  entry& at(session_key session) { return entries_.at(session); }
  void index(session_key session, const entry& e);
  void unindex(session_key session, const entry& e);
  void drop_if_done(session_key session);

  std::unordered_map<session_key, entry> entries_;
  std::set<std::pair<journal_row, session_key>> by_first_row_;
  std::int64_t bytes_ = 0;
  std::uint64_t last_incarnation_ = 0;
};

}  // namespace sandbase
