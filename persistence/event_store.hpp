// SPDX-License-Identifier: Apache-2.0
// The writing side of a store: where logs and sessions are kept. Blocking calls, errors as values, no actors.
// One contract (test/unit/persistence/store_contract.hpp) holds for every implementation.
#pragma once

#include "events/base/result.hpp"
#include "persistence/operations.hpp"
#include "persistence/records.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sandbase {

/// What a writer starts from.
struct claimed_session {
  /// Never 0.
  epoch_t epoch = 0;
  log_end log;
  /// Another process that had claimed it before and has not let go of it. 0: nobody, or this one itself.
  node_id replaced = 0;
};

/// What housekeeping may take.
struct house_budget {
  timestamp now{};
  /// There is time to spare: what is hardly worth a transaction may be done too.
  bool is_idle = false;
  /// Asked between small steps (each of some milliseconds): whether it shall end.
  std::function<bool()> is_spent;
};

/// Which of so many writers of one process a session belongs to: no other one is given its appends, seals and
/// deletion.
inline std::size_t lane_of(session_key session, std::size_t writers) {
  return static_cast<std::uint64_t>(session) % writers;
}

/// One per process and database, or several that share the sessions out among them (lane_of()): what is made
/// or staged may come to any of them. Each is used by one thread at a time, except where it says so. After a
/// failure with `io_failed` no call may follow: what is on disk decides.
class event_store {
 public:
  virtual ~event_store() = default;

  /// One durable transaction. Outcomes stand in the order of `ops`. An operation that fails alone (a fence,
  /// an unknown session, an idempotency conflict, damage, a store that is full) leaves the others untouched,
  /// but for appends to the same session and seals of it behind a failed append: they fail too, `unavailable`
  /// and `conflict`. A failure of the whole: nothing was written; `unavailable` (disk full, read-only, busy)
  /// may be tried again, `io_failed` may not, and after `unknown_outcome` only claims tell what was stored.
  virtual result<std::vector<op_outcome>> commit(std::span<const store_op> ops) = 0;

  /// Makes the caller the session's writer and voids whoever was before. Waits for what is under way: what
  /// was committed by then is in the answer, what was not will never be. `not_found`; `corrupt`: its log is
  /// damaged.
  virtual result<claimed_session> claim(session_key session) = 0;
  /// Where a session_claimer claims instead: it is about to for this writer. Until the adopt() of each such
  /// call the writer lets go of nothing that it may find marked as its own. A failure: the session is not to
  /// be claimed, as it is set aside (`corrupt`) or this program too old, and there is no adopt().
  virtual result<void> expect_claim(session_key) { return {}; }
  /// What came of it: the session is written on in this epoch, or, if the claim failed, by nobody.
  virtual void adopt(session_key, const result<claimed_session>&) {}
  /// The writer goes, whatever it leaves unsealed: housekeeping seals that. Of another epoch: nothing
  /// happens.
  virtual void release(session_key session, epoch_t epoch) = 0;
  /// Sessions whose unsealed events should be sealed soon, because what is unsealed takes too much room: each
  /// once until it is sealed or claimed anew. One whose seal was not stored is asked again a second later,
  /// then after twice as long each time that fails too, a minute at most. Those without a writer are
  /// housekeeping's.
  virtual std::vector<session_key> wants_sealed(std::chrono::steady_clock::time_point now) = 0;
  /// Removes what is no longer needed and seals what gone writers left, in small steps, until the budget is
  /// spent. `outdated`: a newer program has changed the store, and this one may not write any more: commits
  /// and claims of all its writers are `unavailable` from then on. @returns whether more is left
  virtual result<bool> housekeep(const house_budget& budget) = 0;

  /// Makes what was committed cheap to keep, without blocking readers or waiting for them. May run in another
  /// thread beside the other calls. Nothing, for a store that does this by itself.
  virtual result<void> checkpoint() = 0;
  /// Whether a checkpoint() is worth its while now; `idle`: even a small one.
  virtual bool wants_checkpoint(bool idle) = 0;
  /// Behind a checkpoint() in another thread: does what commits have left it meanwhile, if that is little.
  virtual result<void> finish_checkpoint() = 0;

  /// Sessions that are damaged, one sentence for the log each, since the last call: what they had unsealed
  /// does not make a log. They fail with `corrupt`, their rows are kept; the others are not touched by it.
  virtual std::vector<failure> take_damage() = 0;
  /// So many sessions have unsealed events, and so many bytes do they take. For the log and the status page.
  struct unsealed_report {
    std::size_t sessions = 0;
    std::int64_t bytes = 0;
    /// Appends will soon be refused for want of room, unless something is sealed.
    bool is_pressed = false;
    /// Sessions that are damaged, as take_damage() has told: their rows are kept, and left alone.
    std::size_t set_aside = 0;
    /// Housekeeping needs more of the time: what it has not removed yet takes much room.
    bool is_behind = false;
  };
  /// Of all writers of the process.
  virtual unsealed_report unsealed() const = 0;

  /// The workspace's key; made if `create`. `not_found` otherwise.
  virtual result<workspace_key> workspace(std::string_view name, bool create) = 0;
  /// 32 random bytes in hex that every server of this store signs with; made at the first call.
  virtual result<std::string> secret(std::string_view name) = 0;
};

}  // namespace sandbase
