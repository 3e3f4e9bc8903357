// SPDX-License-Identifier: Apache-2.0
// Keeps this node's row in the store, and reads those of the others. Spawn it detached: its calls block.
#pragma once

#include "actors/diagnostics/call_watch.hpp"
#include "actors/messages/all.hpp"
#include "persistence/node_registry.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>

namespace sandbase {

class registrar final : public registrar_actor::base {
 public:
  /// `calls`: told of each call of the store.
  registrar(caf::actor_config& cfg, std::unique_ptr<node_registry> store, std::shared_ptr<call_watch> calls);

  const char* name() const override { return "registrar"; }

 protected:
  behavior_type make_behavior() override;
  void on_exit() override { store_.reset(); }

 private:
  std::unique_ptr<node_registry> store_;
  const std::shared_ptr<call_watch> calls_;
};

}  // namespace sandbase
