// SPDX-License-Identifier: Apache-2.0
#include "actors/placement/placement.hpp"

#include "events/base/byte_order.hpp"

#include <xxhash.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

namespace sandbase {

namespace {

/// The same on every node, whatever its program's version: the wire's format in all but name.
std::uint64_t weight(node_id node, session_key session) {
  std::string both;
  append_number<byte_order::little>(both, node);
  append_number<byte_order::little>(both, session);
  return XXH3_64bits(both.data(), both.size());
}

}  // namespace

node_id owner_among(std::span<const node_id> nodes, session_key session) {
  const auto owner = std::ranges::max_element(nodes, {}, [session](node_id n) {
    return std::tuple{weight(n, session), n};
  });
  return owner == nodes.end() ? 0 : *owner;
}

void placement::set(std::vector<node> nodes) {
  auto next = std::make_shared<const std::vector<node>>(std::move(nodes));
  const std::scoped_lock lock{mutex_};
  nodes_.swap(next);
}

placement::nodes_ptr placement::nodes() const {
  const std::scoped_lock lock{mutex_};
  return nodes_;
}

/// The heaviest that can be reached: when a node dies all others agree on who is next.
const placement::node* placement::reachable_owner(const std::vector<node>& nodes, session_key session) const {
  const node* owner = nullptr;
  std::tuple<std::uint64_t, node_id> most;
  for (const auto& n : nodes) {
    if (!n.link && n.id != self_) continue;
    const std::tuple weighs{weight(n.id, session), n.id};
    if (owner && weighs < most) continue;
    owner = &n;
    most = weighs;
  }
  return owner;
}

node_id placement::owner_of(session_key session) const {
  const auto all = nodes();
  const auto* owner = reachable_owner(*all, session);
  return owner ? owner->id : self_;
}

gateway_actor placement::link_to_owner(session_key session) const {
  const auto all = nodes();
  const auto* owner = reachable_owner(*all, session);
  return owner && owner->id != self_ ? owner->link : gateway_actor{};
}

gateway_actor placement::link_to(node_id other) const {
  const auto all = nodes();
  const auto found = std::ranges::find(*all, other, &node::id);
  return found == all->end() || other == self_ ? gateway_actor{} : found->link;
}

std::vector<gateway_actor> placement::links() const {
  std::vector<gateway_actor> all;
  for (const auto& n : *nodes())
    if (n.link) all.push_back(n.link);
  return all;
}

bool placement::is_linked_to_all() const {
  const auto all = nodes();
  return std::ranges::all_of(*all, [this](const node& n) { return n.id == self_ || n.link; });
}

}  // namespace sandbase
