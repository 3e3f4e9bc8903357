// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/registrar.hpp"

#include "actors/caf/errors.hpp"
#include "actors/caf/harden.hpp"

#include <utility>

namespace sandbase {

registrar::registrar(caf::actor_config& cfg, std::unique_ptr<node_registry> store,
                     std::shared_ptr<call_watch> calls)
    : registrar_actor::base(cfg), store_(std::move(store)), calls_(std::move(calls)) {
  harden(this);
}

registrar_actor::behavior_type registrar::make_behavior() {
  return {
      [this](const renew_node& r) -> caf::result<known_nodes> {
        const call_watch::guard waits{*calls_};
        auto nodes = store_->renew(r.own);
        if (!nodes) return to_error(nodes.error());
        return known_nodes{*std::move(nodes)};
      },
      [](const describe_actor&) {
        return actor_status{"keeping", {}};
      },
  };
}

}  // namespace sandbase
