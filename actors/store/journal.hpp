// SPDX-License-Identifier: Apache-2.0
// The journal: the one writer of a store, or one of several. Takes what its mailbox holds, writes it in one
// transaction, then answers everyone: no timers, the batch grows with the load. Spawn it detached: its calls
// block.
#pragma once

#include "actors/caf/sure_promise.hpp"
#include "actors/diagnostics/call_watch.hpp"
#include "actors/diagnostics/service_gate.hpp"
#include "actors/diagnostics/wait_times.hpp"
#include "actors/messages/all.hpp"
#include "events/base/wall_clock.hpp"
#include "persistence/event_store.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>
#include <variant>
#include <vector>

namespace sandbase {

struct journal_options {
  /// Of events in one transaction; more wait for the next.
  std::size_t max_batch_bytes = 16 * 1024 * 1024;
  checkpointer_actor checkpointer;
  /// Null: the store claims by itself.
  claimer_actor claimer;
  std::shared_ptr<const wall_clock> clock = std::make_shared<wall_clock>();
  /// What time budgets are measured with.
  std::function<std::chrono::steady_clock::time_point()> stopwatch = std::chrono::steady_clock::now;
  /// Told of each call of the store that may take long.
  std::shared_ptr<call_watch> calls = std::make_shared<call_watch>();
  /// Closed when this program may not write any more.
  std::shared_ptr<service_gate> gate = std::make_shared<service_gate>();
  /// The disk failed: what is on it decides. Must not return to normal service; answers nobody.
  std::function<void(const failure&)> fatal;
};

class journal final : public journal_actor::base {
 public:
  journal(caf::actor_config& cfg, std::shared_ptr<event_store> store, journal_options options);

  const char* name() const override { return "journal"; }

 protected:
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  /// What was asked for, waiting for its transaction, into which its operation is moved.
  struct append_item {
    session_actor from;
    commit_request request;
    session_key session = 0;
    epoch_t epoch = 0;
  };
  struct seal_item {
    session_actor from;
    std::shared_ptr<seal_op> op;
    std::size_t bytes = 0;
    wait_times::time_point since{};
  };
  struct create_item {
    sure_promise<journal_created> promise;
    std::shared_ptr<create_op> op;
    request_lease_ptr lease;
  };
  struct staging_item {
    store_op op;
    std::function<void(const op_outcome&)> decided;
  };
  using item = std::variant<append_item, seal_item, create_item, staging_item>;
  struct writer {
    epoch_t epoch = 0;
    session_actor session;
  };

  void append(const commit_request& r);
  void seal(const seal_request& r);
  caf::result<journal_created> create(const journal_create& r);
  caf::result<session_deleted> remove(const journal_delete& r);
  actor_status describe() const;
  void put(item&& i);
  call_watch::guard begin_call() { return call_watch::guard{*options_.calls}; }

  // journal_claims.cpp
  caf::result<claim_answer> claim(const claim_request& r);
  caf::result<claim_answer> have_claimed(const claim_request& r);
  caf::error not_claimed(session_key session, const failure& why);
  void note_writer(session_key session, epoch_t epoch, const session_actor& who);
  void lose(const caf::actor_addr& who);

  // journal_staging.cpp
  caf::result<slice_staged> stage(const stage_slice& r);
  caf::result<session_published> publish(const publish_session& r);
  void drop(const drop_staged& r);
  void unstage(session_key session);
  void unstaged(session_key session, const failure& why);
  void unstage_again();
  bool lose_importer(const caf::actor_addr& who);

  void schedule_flush();
  void flush();
  void refuse(item& i, const failure& why);
  void accept(item& i, const op_outcome& outcome);
  bool holds_items_of(session_key session) const;
  void take_seals();

  // journal_house.cpp
  void begin_ticks();
  void tick();
  void ask_for_seals();
  void keep_house_beside(std::chrono::steady_clock::duration commit);
  void earn_house_time(std::chrono::steady_clock::duration commit);
  void keep_house(bool idle);
  void checkpoint_if_due(bool idle);
  void checkpointed(const checkpoint_done& r);
  /// Something that may go on failing for long, as it does while the disk is full: the log tells once that it
  /// fails, and once that it works again.
  struct work {
    const char* failing;
    const char* working;
    bool is_failing = false;
  };
  void fails(work& w, const failure& f);
  void works(work& w);
  /// Logs; a failed disk ends the service, and a store that is too new closes it.
  void store_failed(const failure& f, const char* what);

  /// Shared with the checkpointer alone.
  std::shared_ptr<event_store> store_;
  journal_options options_;
  std::unordered_map<session_key, writer> writers_;
  std::map<caf::actor_addr, session_key> sessions_;
  /// Importers, each with what it has staged; 0: nothing.
  std::map<caf::actor_addr, session_key> importers_;
  /// Of no use to anybody, and not removed yet.
  std::set<session_key> unstaging_;
  std::chrono::steady_clock::time_point unstage_again_at_{};
  std::vector<item> batch_;
  /// When the first of these came.
  wait_times::time_point batch_since_{};
  /// Ride along, never many more bytes than the appends of a batch, unless there is need of room.
  std::deque<seal_item> seals_;
  std::size_t batch_bytes_ = 0;
  /// Since the start.
  std::int64_t commits_ = 0;
  bool flush_scheduled_ = false;
  /// What the last commit held.
  std::size_t last_batch_ = 0;
  bool stopped_ = false;
  bool checkpointing_ = false;
  /// Time that housekeeping may take; below 0: it has taken that much too much.
  std::chrono::steady_clock::duration house_time_{};
  /// For what passed until then; what housekeeping took is no free time.
  std::chrono::steady_clock::time_point house_earned_{};
  bool house_left_ = true;
  work committing_{"could not commit", "commits again"};
  work unstagings_{"could not remove what an import left", "has removed what an import left"};
  work keeping_house_{"could not be cleaned up", "is cleaned up again"};
  work checkpoints_{"could not write a checkpoint", "writes checkpoints again"};
  /// Nothing was committed since the last tick.
  bool idle_ = true;
};

}  // namespace sandbase
