// SPDX-License-Identifier: Apache-2.0
#include "config/cluster_links.hpp"

#include "actors/cluster/tls_identity.hpp"
#include "actors/messages/link_protocol.hpp"
#include "actors/node/cluster_config.hpp"

#include <chrono>
#include <utility>

namespace sandbase {

std::unique_ptr<caf::actor_system_config> make_system_config(const std::optional<cluster_plan>& plan,
                                                             std::size_t workers) {
  if (plan) return std::make_unique<cluster_config>(workers);
  return std::make_unique<system_config>(workers);
}

result<cluster_links> start_links(caf::actor_system& system, const std::optional<cluster_plan>& plan) {
  cluster_links links;
  if (!plan) return links;
  const auto authority = cluster_authority::derive(plan->secret, plan->name);
  if (!authority) return authority.error();
  const auto identity = authority->issue(plan->node, std::chrono::system_clock::now());
  if (!identity) return identity.error();
  auto tls = tls_context::make(*identity, link_protocol);
  if (!tls) return tls.error();
  auto transport = link_transport::start(system, plan->listen, *std::move(tls));
  if (!transport) return transport.error();
  links.transport = *std::move(transport);
  links.own.name = plan->node;
  if (!plan->is_edge()) links.own.address = format_link_address(plan->told(links.transport->port()));
  return links;
}

}  // namespace sandbase
