// SPDX-License-Identifier: Apache-2.0
// Watches the actors without which a node only seems to live: one that ends by itself ends the process.
#pragma once

#include "actors/messages/all.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <map>
#include <string>

namespace sandbase {

class guardian final : public guardian_actor::base {
 public:
  /// What to do when one has ended: its name, and why. Called on this actor's thread.
  using ended_fn = std::function<void(const std::string& name, const std::string& why)>;

  guardian(caf::actor_config& cfg, ended_fn ended);

  const char* name() const override { return "guardian"; }

 protected:
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  ended_fn ended_;
  struct watched {
    std::string name;
    watch_over::lasts how_long = watch_over::lasts::until_stop;
  };
  std::map<caf::actor_addr, watched> watched_;
};

}  // namespace sandbase
