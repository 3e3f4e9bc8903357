// SPDX-License-Identifier: Apache-2.0
// Which node owns which session, and the links there: what membership knows, for every session of this node
// to look at. Views of several nodes may differ; who writes is decided by the store's fence alone.
//
// Rendezvous hashing (Thaler and Ravishankar, "A Name-Based Mapping Scheme for Rendezvous", 1996): each node
// has a weight for each session, and the heaviest owns it. So a node that comes takes its share from all
// others alike, and what one leaves goes to all others alike.
#pragma once

#include "actors/actors.hpp"
#include "persistence/records.hpp"

#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace sandbase {

/// Who owns it among these; 0: there are none.
node_id owner_among(std::span<const node_id> nodes, session_key session);

class placement {
 public:
  struct node {
    node_id id = 0;
    /// Null: there is none now; and to this node itself.
    gateway_actor link;
  };

  explicit placement(node_id self) : self_(self) {}

  node_id self() const noexcept { return self_; }

  // Any thread.

  /// Those that take appends, this one among them unless it stops.
  void set(std::vector<node> nodes);
  /// Among those that can be reached; this node if there are none.
  node_id owner_of(session_key session) const;
  /// To the owner; null if that is this node.
  gateway_actor link_to_owner(session_key session) const;
  /// Null if there is none.
  gateway_actor link_to(node_id other) const;
  /// All that there are.
  std::vector<gateway_actor> links() const;
  /// Whether there is a link to every other node.
  bool is_linked_to_all() const;

 private:
  using nodes_ptr = std::shared_ptr<const std::vector<node>>;
  nodes_ptr nodes() const;
  const node* reachable_owner(const std::vector<node>& nodes, session_key session) const;

  const node_id self_;
  mutable std::mutex mutex_;
  nodes_ptr nodes_ = std::make_shared<const std::vector<node>>();
};

}  // namespace sandbase
