// SPDX-License-Identifier: Apache-2.0
// The checkpointer: moves what commits wrote from the write-ahead log
// into the database, beside them. Spawn it detached.
#pragma once

#include "actors/diagnostics/call_watch.hpp"
#include "actors/messages/all.hpp"
#include "persistence/event_store.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>

namespace sandbase {

class checkpointer final : public checkpointer_actor::base {
 public:
  /// Calls nothing but store->checkpoint(), which may run beside the journal's calls.
  /// `calls`: told of those.
  checkpointer(caf::actor_config& cfg, std::shared_ptr<event_store> store, std::shared_ptr<call_watch> calls);

  const char* name() const override { return "checkpointer"; }

 protected:
  behavior_type make_behavior() override;
  void on_exit() override { store_.reset(); }

 private:
  std::shared_ptr<event_store> store_;
  const std::shared_ptr<call_watch> calls_;
  std::int64_t checkpoints_ = 0;
};

}  // namespace sandbase
