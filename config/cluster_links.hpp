// SPDX-License-Identifier: Apache-2.0
// The links of a node that has some, from its options to the port that listens.
#pragma once

#include "actors/cluster/link_transport.hpp"
#include "config/cluster_plan.hpp"
#include "persistence/node_registry.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <memory>
#include <optional>

namespace sandbase {

struct cluster_links {
  /// Null: the node has no links.
  std::unique_ptr<link_transport> transport;
  /// What the others are told; without an address nothing.
  announcement own;
};

/// CAF's configuration for it. `workers`: threads that run scheduled actors.
std::unique_ptr<caf::actor_system_config> make_system_config(const std::optional<cluster_plan>& plan,
                                                             std::size_t workers);

/// Listens as planned, if it is; an edge only dials. Takes some 200 ms, on purpose. `system` has such a
/// configuration.
/// `unavailable`, `invalid`: it cannot be listened on.
result<cluster_links> start_links(caf::actor_system& system, const std::optional<cluster_plan>& plan);

}  // namespace sandbase
