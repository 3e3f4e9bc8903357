// SPDX-License-Identifier: Apache-2.0
// What becomes of each append of a session, without actors: its owner tells what has happened, and carries
// out the actions that come of it.
//
//   begin() ─► key ─► retry ─► ids ─► store ─► waiting ─► over
//               ▲                               │
//               └────────── claimed() ──────────┘
//
// A stage that needs to look something up gives an action and goes on when that is answered. Whatever was
// looked up is void once the session claims its log anew: all begin again.
#pragma once

#include "actors/session/try_book.hpp"
#include "events/event/event_draft.hpp"
#include "persistence/event_store.hpp"

#include <boost/container/deque.hpp>

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace sandbase {

/// What the pipeline asks of its session's log.
class append_log {
 public:
  enum class likeness : std::uint8_t {
    equal,
    other,
    /// Some are sealed, and not in memory.
    not_held
  };
  struct located {
    likeness how = likeness::other;
    /// Of `equal`.
    seq_t first = 0;
  };

  /// As of everything handed over, durable or not.
  virtual const session_progress& pending() const = 0;
  /// The last durable event.
  virtual seq_t durable_end() const = 0;
  virtual timestamp now() const = 0;
  /// As now(), but it never goes back.
  virtual try_book::time_point steady_now() const = 0;
  /// Whether an event in memory, durable or not, has this id.
  virtual bool shows_id(std::string_view id) const = 0;
  /// The last place among first..last where the events are what `drafts` would have made.
  virtual located locate(const std::vector<event_draft>& drafts, seq_t first, seq_t last) const = 0;

 protected:
  ~append_log() = default;
};

/// Events first..last of a log.
struct event_range {
  seq_t first = 0;
  seq_t last = 0;
};

/// An append on its way. The owner may derive from it to keep what belongs to the answer.
struct pipelined_append {
  /// Emptied by the owner once its events have their places.
  std::shared_ptr<send_request> request;
  api_key_id author = 0;
  /// `x-stainless-retry-count` >= 1.
  bool is_retry = false;
  /// Empty: none.
  std::string idempotency_key;
  /// SHA-256 of the body; read only beside an idempotency key.
  digest body{};
  /// What is wrong with the request; told if its idempotency key is new.
  failure unfit;
  /// Of the request; read only without one.
  fingerprint print;
  /// Null: nobody can tell whether its answer is taken.
  receipt_ptr client;
  /// From then on nobody waits for it: it is not begun any more.
  try_book::time_point deadline = try_book::time_point::max();

 private:
  friend class append_pipeline;
  /// What it will be answered with.
  struct outcome {
    /// Code none: with events of the log, as an earlier answer.
    failure refusal;
    /// The events; of a refusal the one that it names.
    std::vector<event_range> events;
    /// See append_action.
    bool compares = false;
  };
  enum class stage : std::uint8_t {
    /// Has others with its Idempotency-Key go first, then looks that up.
    key,
    /// Looks whether it is the SDK's repetition of an append, and waits for that.
    retry,
    /// Looks up its own ids.
    ids,
    /// Gets its place.
    store,
    /// For a commit, then for its answer.
    waiting,
    over
  };
  stage at_ = stage::key;
  /// With `waiting`; none if its own events are the answer.
  std::optional<outcome> outcome_;
  /// Its Idempotency-Key is known and stands for no events: it stored nothing.
  bool key_is_kept_ = false;
  /// As what it is remembered itself.
  try_ptr try_;
  /// What it is the repetition of.
  try_ptr joined_;
  /// What receipts have said just now.
  std::vector<std::pair<receipt_ptr, receipt::state>> told_;
  /// What its client's was when it was asked for.
  std::optional<receipt::state> client_told_;
  std::list<std::shared_ptr<pipelined_append>>::iterator place_;
};
using pipelined_append_ptr = std::shared_ptr<pipelined_append>;

/// What the owner is to do. It tells what came of it by the call named beside it.
struct append_action {
  enum class kind : std::uint8_t {
    /// Look up the Idempotency-Key: key_looked_up() or look_up_failed().
    look_up_key,
    /// Ask `receipts`: looked().
    look_at_receipts,
    /// Look for the drafts among the events of `runs`, the newest first: compared() or look_up_failed().
    compare_sealed,
    /// Look `ids` up among what is sealed: ids_looked_up() or look_up_failed().
    look_up_ids,
    /// It holds nothing else: refused(), or answer it and call settled() without events. If it has an
    /// Idempotency-Key that is kept first, as with `keep_key`.
    pass_previews,
    /// Give its events their places and hand them to the journal: handed_over() or refused().
    store,
    /// It is answered with `events`, which are there: only its Idempotency-Key is to be stored.
    /// handed_over()
    keep_key,
    /// Answer with the durable events of `events`.
    answer_again,
    /// Answer with `why`, behind which the id of the first of `events` belongs, if there is one.
    fail
  };
  kind what = kind::fail;
  pipelined_append_ptr append;
  /// The claim that it rests on.
  std::uint64_t round = 0;
  std::vector<std::string> ids;
  std::vector<receipt_ptr> receipts;
  std::vector<append_run> runs;
  std::vector<event_range> events;
  /// With answer_again: nobody knows the earlier body any more, an event of it was erased. If the events are
  /// not what this one's would be, as far as they still tell, that was another body: fail with `why`.
  bool compares = false;
  failure why;
};

/// Every append that was begun is given an action that answers it, or comes back from committed(), failed()
/// or take_all().
class append_pipeline {
 public:
  using append_ptr = pipelined_append_ptr;

  /// `tries`: what all sessions of the node remember for retries; null: no bound.
  explicit append_pipeline(std::shared_ptr<try_account> tries = nullptr) : tries_(std::move(tries)) {}

  // --- what happens -------------------------------------------------------------------------

  /// Also of one that was refused, and is to be tried anew.
  void begin(const append_ptr& a);

  // Answers to look-ups. Those that nobody waits for any more are dropped.
  void key_looked_up(const append_action& asked, const std::optional<idempotency_record>& found);
  /// `states`: in the order of asked.receipts.
  void looked(const append_action& asked, const std::vector<receipt::state>& states);
  /// `first`: the first of the events that equal the drafts; 0: there are none.
  void compared(const append_action& asked, seq_t first, const append_log& log);
  /// `seqs`: in the order of asked.ids; 0: new.
  void ids_looked_up(const append_action& asked, const std::vector<seq_t>& seqs);
  void look_up_failed(const append_action& asked, failure why);

  /// The journal has been handed a commit after which the log ends with `last`. `a`: whose events they are,
  /// or whose Idempotency-Key; null for other changes. @pre its request still holds its events
  void handed_over(const append_ptr& a, seq_t last);
  /// Not to be stored. What stands against it may rest on commits in flight: it is answered behind those, and
  /// begins anew if one fails.
  void refused(const append_ptr& a, failure why);
  /// It is answered.
  void done(const append_ptr& a);

  /// The oldest commit in flight is durable. @returns whose events these are, to be answered now; or null
  append_ptr committed(try_book::time_point now);
  /// The commits in flight have failed. @returns the appends among them, to be refused now
  std::vector<append_ptr> failed();
  /// Nobody knows what became of the commits in flight. @returns the appends among them: each is to be
  /// settled before claimed(), by settled() or done()
  std::vector<append_ptr> suspended();
  /// Its events are first..last.
  void settled(const append_ptr& a, seq_t first, seq_t last, try_book::time_point now);
  /// The session has claimed its log, which ends as `progress` says: what is left begins anew. At the first
  /// claim nobody knows what was answered before: what was appended shortly before the end may not have been.
  void claimed(const session_progress& progress);
  /// Time has passed for those who wait for receipts.
  void look_again() { wake(); }
  /// Lets go of tries that are too old.
  void sweep(try_book::time_point now) { tries_.sweep(now); }
  /// The session is gone. @returns everybody, in order
  std::vector<append_ptr> take_all();

  // --- what the owner has to do ---------------------------------------------------------------

  /// To be called until there is none, whenever something has happened. @pre the session owns its log
  std::optional<append_action> next(const append_log& log);

  bool empty() const { return open_.empty(); }
  /// Whoever came first of those that are not answered; null: there are none.
  const pipelined_append* oldest() const { return open_.empty() ? nullptr : open_.front().get(); }
  std::size_t size() const { return open_.size(); }
  /// Somebody waits for look_again().
  bool waits_for_receipts() const { return receipts_awaited_; }
  bool remembers_tries() const { return !tries_.empty(); }

 private:
  using stage = pipelined_append::stage;
  using outcome = pipelined_append::outcome;
  using step = std::optional<append_action>;

  /// Handed to the journal.
  struct commit {
    seq_t first = 0;
    seq_t last = 0;
    append_ptr append;
    /// Whose outcome hangs on it.
    std::vector<append_ptr> waiters;
  };
  struct key_in_work {
    append_ptr holder;
    std::vector<append_ptr> waiters;
  };

  /// None, where nothing was stored: `first` is 0.
  static std::vector<event_range> range_of(seq_t first, seq_t last) {
    if (first == 0) return {};
    return {{first, last}};
  }
  step advance(const append_ptr& a, const append_log& log);
  step pass_key(const append_ptr& a);
  static bool has_new_key(const pipelined_append& a) { return !a.idempotency_key.empty() && !a.key_is_kept_; }
  step pass_retry(const append_ptr& a, const append_log& log);
  void remember(const append_ptr& a, const append_log& log);
  step drop(const append_ptr& a, const append_log& log);
  step pass_if_waited_for(const append_ptr& a, const append_log& log);
  void find_unknown_appends(const session_progress& progress, seq_t known);
  step find_unknown(const append_ptr& a, const append_log& log);
  bool adopt(const append_ptr& a, seq_t first, const append_log& log);
  bool settle_repeats(const append_ptr& a, const append_log& log);
  void wait_for_commit(const append_ptr& a, seq_t last);
  void refuse(const append_ptr& a, outcome why);
  void wake();
  step pass_ids(const append_ptr& a, const append_log& log);
  step answer(const append_ptr& a, const append_log& log);
  /// The index of an own id that is taken, as far as memory tells.
  std::optional<std::size_t> find_taken_id(const pipelined_append& a, const append_log& log) const;
  step keep_key(const append_ptr& a);
  void refuse_id(const append_ptr& a, std::size_t event);
  void begin_round();
  void go_on(const append_ptr& a, stage at);
  bool is_awaited(const append_action& asked);
  append_action act(append_action::kind what, const append_ptr& a) const;
  void forget_ids();

  /// In the order in which they came.
  std::list<append_ptr> open_;
  /// Of these, those that may go on. Takes no memory while it is empty, as in most sessions.
  boost::container::deque<append_ptr> ready_;
  boost::container::deque<commit> commits_;
  std::unordered_map<std::string, key_in_work> keys_;
  /// Own ids handed over while a look-up of ids is out.
  std::unordered_set<std::string> recent_ids_;
  std::size_t id_look_ups_ = 0;
  try_book tries_;
  /// Events of which nobody knows whether their answer was taken.
  std::vector<append_run> unknown_;
  /// Of those behind it the next claim tells; of all before the first one.
  seq_t known_end_ = 0;
  /// Retries that wait for what becomes of an equal try.
  std::vector<append_ptr> undecided_;
  bool receipts_awaited_ = false;
  /// Counts claims.
  std::uint64_t round_ = 0;
};

}  // namespace sandbase
