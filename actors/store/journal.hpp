// SPDX-License-Identifier: Apache-2.0
// The journal: the one writer of a store. Takes what its mailbox holds, writes it in one transaction, then
// answers everyone: no timers, the batch grows with the load. Spawn it detached: its calls block.
#pragma once

#include "actors/caf/sure_promise.hpp"
#include "actors/messages/all.hpp"
#include "actors/store/ledger.hpp"
#include "persistence/event_store.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <variant>
#include <vector>

namespace sandbase {

struct journal_options {
  /// Of events in one transaction; more wait for the next.
  std::size_t max_batch_bytes = 16 * 1024 * 1024;
  /// Bound of unsealed bytes: max(floor, per_session × sessions in the ledger), at most ceiling. Beyond the
  /// bound the owners of the oldest rows are asked to seal, beyond the ceiling appends are refused.
  std::int64_t bound_floor = 64ll * 1024 * 1024;
  std::int64_t bound_per_session = 16ll * 1024;
  std::int64_t bound_ceiling = 512ll * 1024 * 1024;
  /// Written since the last checkpoint.
  std::size_t checkpoint_bytes = 16 * 1024 * 1024;
  /// Dead rows in front that make a trim worth its transaction.
  std::size_t trim_rows = 8192;
  checkpointer_actor checkpointer;
  clock_fn now = system_now;
  /// The disk failed: what is on it decides. Must not return to normal service; answers nobody.
  std::function<void(const failure&)> fatal;
};

class journal final : public journal_actor::base {
 public:
  /// `unsealed`: what the store's scan() found. @pre nothing was committed since
  journal(caf::actor_config& cfg, std::shared_ptr<event_store> store, std::vector<ledger_row> unsealed,
          journal_options options);

  const char* name() const override { return "journal"; }

 protected:
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  /// What was asked for, waiting for its transaction.
  struct append_item {
    session_actor from;
    /// Its operation is moved into the transaction.
    commit_request request;
    session_key session = 0;
    /// Of events.
    std::int64_t count = 0;
    std::int64_t bytes = 0;
  };
  struct seal_item {
    /// Null: the journal's own, of a session without a writer.
    session_actor from;
    std::uint64_t incarnation = 0;
    std::shared_ptr<seal_op> op;
    std::size_t bytes = 0;
  };
  struct create_item {
    sure_promise<journal_created> promise;
    /// Its operation is moved into the transaction.
    journal_create request;
    workspace_key workspace = 0;
    std::int64_t count = 0;
    std::int64_t bytes = 0;
  };
  using item = std::variant<append_item, seal_item, create_item>;

  caf::result<claim_answer> claim(const claim_request& r);
  void append(const commit_request& r);
  void seal(const seal_request& r);
  caf::result<journal_created> create(const journal_create& r);
  caf::result<session_deleted> remove(const journal_delete& r);
  caf::result<overlay_answer> overlay(const overlay_request& r);

  void schedule_flush();
  void flush();
  void refuse(item& i, const failure& why);
  void accept(item& i, const op_outcome& outcome);
  void seal_answered(const seal_item& i, failure error);
  bool holds_items_of(session_key session) const;
  std::int64_t bound() const;
  void ask_for_seals();
  void seal_orphans();
  void keep_house(bool idle);
  void checkpointed(const checkpoint_done& r);
  /// Logs; a failed disk or a corrupt catalogue ends the service.
  void store_failed(const failure& f, const char* what);

  /// Shared with the checkpointer alone.
  std::shared_ptr<event_store> store_;
  ledger ledger_;
  journal_options options_;
  std::vector<item> batch_;
  /// Ride along, never more bytes than the appends of a batch.
  std::deque<seal_item> seals_;
  std::size_t batch_bytes_ = 0;
  bool flush_scheduled_ = false;
  bool stopped_ = false;
  journal_row next_row_ = 1;
  journal_row trimmed_ = 0;
  std::size_t since_checkpoint_ = 0;
  bool checkpointing_ = false;
  bool sweep_left_ = true;
  int ticks_ = 0;
};

}  // namespace sandbase
