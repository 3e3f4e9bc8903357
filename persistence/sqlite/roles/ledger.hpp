// SPDX-License-Identifier: Apache-2.0
// The ledger: for each session that has a writer or unsealed events, who may append, where its log ends, and
// where its rows stand in the journal. The fence is decided here, before any statement; readers find the ends
// of logs here, and so wait for no commit.
#pragma once

#include "persistence/failed_seals.hpp"
#include "persistence/operations.hpp"
#include "persistence/sqlite/tables/journal_table.hpp"

#include <boost/container/deque.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sandbase::sqlite {

/// Changed by the writer's thread alone. Readers have a thread of their own and block in their calls, so a
/// mutex, held for the copying of one entry, is all there is between them.
class ledger {
  struct entry {
    /// Its rows are in no index.
    bool is_set_aside = false;
    /// The writer's; 0: there is none.
    epoch_t epoch = 0;
    /// An append of the writer's was not stored.
    bool is_cut = false;
    seq_t sealed_seq = 0;
    /// The end of the log as committed.
    log_tip tip;
    /// Unsealed rows, oldest first. This deque takes no memory while it is empty, as it is for most sessions.
    boost::container::deque<row_run> runs;
    /// Of these rows, oldest first.
    std::vector<journal_request> requests;
  };

 public:
  /// `max_bytes`: of JSON in the journal from the oldest row on that is still needed.
  explicit ledger(std::int64_t max_bytes) : max_bytes_(max_bytes) {}

  // --- the writer's thread ----------------------------------------------------------

  /// What a start-up scan found; forgets everything else.
  void load(journal_scan found);

  /// Makes the caller the writer, voiding whoever was before. @returns the new epoch
  epoch_t claim(const session_row& row);
  /// The writer goes. The entry stays while it has unsealed rows.
  void release(session_key session, epoch_t epoch);
  /// A session whose unsealed events cannot be sealed. They are kept and read, and hold up nobody's room but
  /// by their own bytes; nothing is appended behind them.
  void set_aside(session_key session, std::string what);
  /// A session whose small segments are not to be merged: they cannot all be read.
  void leave_unmerged(session_key session) { unmerged_.insert(session); }
  bool leaves_unmerged(session_key session) const { return unmerged_.contains(session); }
  /// Damage that concerns no session's log. For take_damage().
  void note_damage(std::string what) { new_damage_.push_back(std::move(what)); }
  /// Those that were set aside, or whose rows make no log, with commas between them.
  std::string damaged_sessions() const;
  std::size_t damaged() const { return damaged_.size() + set_aside_.size(); }
  /// @returns the damage noted since the last call
  std::vector<std::string> take_damage();

  /// A commit that is being made: what fits is judged as if what was admitted before it in the same commit
  /// were there already. Nothing in the ledger changes before the commit is durable.
  class draft {
   public:
    explicit draft(const ledger& owner) : ledger_(owner) {}
    /// Code none: it fits. `fenced`: another writer's epoch; `unavailable`: not right behind the log's end,
    /// behind an append that was not stored, or there is no room.
    failure admit(const append_op& op);
    /// `conflict`: another writer's epoch, behind an append that was not stored, or these events are sealed
    /// already. `corrupt`: it is set aside.
    failure admit(const seal_op& op);
    failure admit(const delete_op& op);
    failure admit(const create_op& op);
    /// What is staged has no writer, and no rows in the journal.
    failure admit(const stage_op&) { return {}; }
    failure admit(const publish_op&) { return {}; }
    failure admit(const unstage_op&) { return {}; }
    /// An append that was admitted failed alone: what stands behind it fails too.
    void fail(session_key session) { failed_.insert(session); }
    /// Bytes of JSON that found no room.
    std::int64_t refused_bytes() const { return refused_bytes_; }
    /// Where the session's unsealed events stand that were committed before.
    std::vector<row_run> runs_of(session_key session) const;
    /// A request that was admitted has its row.
    void note(session_key session, const journal_request& request) { requests_[session].push_back(request); }
    bool leaves_unmerged(session_key session) const { return ledger_.leaves_unmerged(session); }
    /// Of what is unsealed, in this commit or before.
    std::vector<journal_request> requests_of(session_key session) const;
    /// As ledger::find_requests(), with those of this commit.
    std::vector<journal_row> find_requests(session_key session, std::uint64_t key_hash) const;

   private:
    struct end {
      seq_t seq;
      digest head;
    };
    failure expect_room(const std::vector<journal_event>& events);
    const entry* current(session_key session, epoch_t epoch) const;
    end end_of(session_key session, const entry& e) const;

    const ledger& ledger_;
    std::unordered_map<session_key, end> ends_;
    std::set<session_key> failed_;
    std::unordered_map<session_key, std::vector<journal_request>> requests_;
    std::int64_t bytes_ = 0;
    std::int64_t refused_bytes_ = 0;
  };

  /// One append was not stored: what its writer sends behind it does not count, until it claims anew.
  void cut(session_key session, epoch_t epoch);
  /// A seal of its writer's was not stored: it is asked for another one later.
  void seal_failed(session_key session, epoch_t epoch);
  /// The store committed these; in the commit's order.
  void appended(session_key session, journal_row first_row, const std::vector<journal_event>& events,
                const log_tip& tip);
  void stored(session_key session, const journal_request& request);
  void sealed(session_key session, seq_t last_seq);
  void erased(session_key session);
  /// The payload of an event of a session that goes on is erased, or copies of it are.
  void payload_erased() { ++payloads_erased_; }

  /// Bytes from the oldest row on that is still needed.
  std::int64_t extent() const;
  /// Beyond 3/4 of the room: appends will be refused unless what is oldest is sealed.
  bool is_pressed() const { return extent() > ask_from(); }
  /// Room for what found none must be made as well.
  void refused(std::int64_t bytes) { refused_bytes_ += bytes; }
  /// Sessions with a writer whose rows make the extent too large, each once until it is sealed or claimed
  /// anew, or its seal failed some time ago.
  std::vector<session_key> ask_for_seals(failed_seals::time_point now);
  /// Up to `n` sessions with unsealed rows and no writer, oldest rows first; with `pressing_only` those that
  /// make the extent too large.
  std::vector<session_key> orphans(std::size_t n, bool pressing_only) const;
  bool has_orphans(std::size_t n) const { return orphans_.size() >= n; }
  /// Oldest row that is still needed: everything before it may be deleted. `next_row` if none is.
  journal_row oldest_row(journal_row next_row) const;
  /// Whether rows that were kept (damaged_sessions()) have died since the last call.
  bool take_freed() { return std::exchange(has_freed_, false); }
  /// Bytes that the journal was given before that row.
  std::int64_t oldest_place() const { return end_place_ - extent(); }
  std::int64_t max_bytes() const { return max_bytes_; }
  std::size_t sessions_with_rows() const { return oldest_.size(); }
  std::int64_t unsealed_bytes() const { return bytes_; }

  // --- any thread -------------------------------------------------------------------

  /// What is known of a log beyond its row and segments.
  struct unsealed_end {
    log_tip tip;
    std::vector<row_run> runs;
  };
  std::optional<unsealed_end> find(session_key session) const;
  std::optional<log_tip> find_tip(session_key session) const;
  /// Rows with a request whose key has this hash, oldest first.
  std::vector<journal_row> find_requests(session_key session, std::uint64_t key_hash) const;
  /// All of the session's.
  std::vector<journal_request> requests_of(session_key session) const;
  /// Why a session's rows make no log.
  std::optional<std::string> damage_of(session_key session) const;
  /// Counts payloads that were erased.
  std::uint64_t payloads_erased() const { return payloads_erased_; }

 private:
  friend class draft;
  /// What set-aside sessions leave of the bound.
  std::int64_t room() const { return std::max<std::int64_t>(0, max_bytes_ - set_aside_bytes_); }
  std::int64_t ask_from() const { return room() / 4 * 3 - std::min(refused_bytes_, room() / 4); }
  void set_writer(session_key session, entry& e, epoch_t epoch);
  void index(session_key session, const entry& e);
  void unindex(session_key session, const entry& e);
  void drop_if_done(session_key session);

  const std::int64_t max_bytes_;
  std::atomic<std::uint64_t> payloads_erased_ = 0;
  mutable std::mutex mutex_;
  std::unordered_map<session_key, entry> entries_;
  /// Sessions whose rows make no log; they have no entry.
  std::unordered_map<session_key, std::string> damaged_;
  std::unordered_map<session_key, std::string> set_aside_;
  std::int64_t set_aside_bytes_ = 0;
  bool has_freed_ = false;
  std::set<session_key> unmerged_;
  std::vector<std::string> new_damage_;
  /// (first row, session) of all that have rows; of those without a writer; of those with one that was not
  /// asked.
  std::set<std::pair<journal_row, session_key>> oldest_, orphans_, unasked_;
  /// Of writers that are there.
  failed_seals failed_;
  std::int64_t bytes_ = 0;
  /// Of all JSON that the journal was ever given; places are counted in these.
  std::int64_t end_place_ = 0;
  std::int64_t refused_bytes_ = 0;
  epoch_t last_epoch_ = 0;
};

}  // namespace sandbase::sqlite
