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
    const auto [name, how_long] = std::move(who->second);
    watched_.erase(who);
    const bool has_quit = !down.reason;
    if (has_quit && how_long == watch_over::lasts::until_told) return;
    const bool was_ended = is_receiver_down(down.reason);  // the log says by what
    ended_(name, has_quit ? "it quit" : was_ended ? "it failed" : to_failure(down.reason).message);
  });
}

guardian_actor::behavior_type guardian::make_behavior() {
  return {
      [this](const watch_over& w) {
        watched_.emplace(w.who->address(), watched{w.name, w.how_long});
        monitor(caf::actor_cast<caf::actor>(w.who));
      },
      [this](const stand_down&) {
        // From now on they are meant to end.
        for (const auto& [who, what] : watched_) demonitor(who);
        watched_.clear();
        quit();
      },
  };
}

void guardian::on_exit() { ended_ = {}; }

}  // namespace sandbase
