// SPDX-License-Identifier: Apache-2.0
#include "actors/node/guardian.hpp"

#include "actors/caf/errors.hpp"
#include "actors/caf/harden.hpp"

#include <caf/actor_cast.hpp>

namespace sandbase {

guardian::guardian(caf::actor_config& cfg, ended_fn ended)
    : guardian_actor::base(cfg), ended_(std::move(ended)) {
  harden(this);
  set_down_handler([this](caf::scheduled_actor*, caf::down_msg& down) {
    const auto who = watched_.find(down.source);
    if (who == watched_.end()) return;
    const auto name = std::move(who->second);
    watched_.erase(who);
    ended_(name, down.reason ? to_failure(down.reason).message : "it quit");
  });
}

guardian_actor::behavior_type guardian::make_behavior() {
  return {
      [this](const watch_over& w) {
        watched_.emplace(w.who->address(), w.name);
        monitor(caf::actor_cast<caf::actor>(w.who));
      },
      [this](const stand_down&) {
        // From now on they are meant to end.
        for (const auto& [who, name] : watched_) demonitor(who);
        watched_.clear();
        quit();
      },
  };
}

void guardian::on_exit() { ended_ = {}; }

}  // namespace sandbase
