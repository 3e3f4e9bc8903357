// SPDX-License-Identifier: Apache-2.0
#include "actors/store/checkpointer.hpp"

#include "actors/caf/harden.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

namespace sandbase {

checkpointer::checkpointer(caf::actor_config& cfg, std::shared_ptr<event_store> store,
                           std::shared_ptr<call_watch> calls)
    : checkpointer_actor::base(cfg), store_(std::move(store)), calls_(std::move(calls)) {
  harden(this);
}

checkpointer_actor::behavior_type checkpointer::make_behavior() {
  return {
      [this](const checkpoint_now&) {
        const auto asker = caf::actor_cast<journal_actor>(current_sender());
        ++checkpoints_;
        auto done = [&] {
          const call_watch::guard waits{*calls_};
          return store_->checkpoint();
        }();
        caf::anon_send(asker, checkpoint_done{done ? failure{} : std::move(done).error()});
      },
      [this](const describe_actor&) {
        // Nobody waits when it can answer: its only call is over.
        return actor_status{"idle", {{"checkpoints", checkpoints_}, {"oldest_wait_ms", 0}}};
      },
  };
}

}  // namespace sandbase
