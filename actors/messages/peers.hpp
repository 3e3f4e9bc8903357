// SPDX-License-Identifier: Apache-2.0
// What gateways, sessions and membership tell each other within a node; between nodes it goes as records
// (actors/cluster/peer_records.hpp).
#pragma once

#include "actors/actors.hpp"
#include "actors/messages/following.hpp"
#include "actors/messages/peer_frame.hpp"
#include "actors/messages/session.hpp"
#include "actors/messages/status.hpp"
#include "persistence/node_registry.hpp"

#include <caf/actor_control_block.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace sandbase {

/// An append for the node that owns the session. Answered as a session does, and: `unavailable`, nothing was
/// stored, it can be done here; `unknown_outcome`, the link has ended before it was answered.
struct forward_append {
  session_key session = 0;
  workspace_key workspace = 0;
  std::string id;
  /// With its body.
  append_request what;
};

/// From a session that others follow here: what it publishes there is wanted. Again: anew.
struct mirror_session {
  session_key key = 0;
  workspace_key workspace = 0;
  std::string id;
  session_actor session;
};
/// From the same: not any more.
struct unmirror_session {
  session_key key = 0;
};
/// To it: what was published there. Acknowledged by mirror_taken.
struct mirrored {
  node_id from = 0;
  published what;
};
/// Previews. Acknowledged as well.
struct mirrored_previews {
  previewed what;
};
struct mirror_taken {
  session_key key = 0;
  bool of_previews = false;
};
/// To it: nothing more comes.
struct mirror_lost {
  node_id from = 0;
};

/// From a session that has become the writer in place of one at the gateway's other end.
struct tell_claimed {
  session_key session = 0;
};

/// Who a node says it is.
struct peer_name {
  node_id node = 0;
  std::string name;
  /// It has no store.
  bool is_edge = false;
};
/// There is a connection: `remote` is greeted.
struct link_made {
  peer_actor remote;
  /// Of who has greeted already; else `remote` is the door of its node, and who answers is the other end.
  bool has_greeted = false;
  peer_name from;
};
/// From a gateway: what its link is by now.
struct link_changed {
  node_id node = 0;
  bool is_up = false;
  /// The other end wants no more appends.
  bool is_leaving = false;
  /// As the gateway was told (gateway_options); 0: it was not.
  std::size_t seed = 0;
  /// The other end has no store.
  bool is_edge = false;
};
/// Sends what is to be sent; looks at what has become too old.
struct gateway_flush {};
struct gateway_tick {};
/// The node stops: the others are told, so that they take over.
struct leave_cluster {};

/// Somebody greets at the door.
struct peer_knocks {
  peer_frame frame;
  caf::strong_actor_ptr from;
};
struct membership_tick {};
struct list_links {};
struct known_links {
  /// A gateway for each other node.
  std::vector<show_part> links;
};

/// Renews this node's row.
struct renew_node {
  /// What is told of it.
  node_report own;
};
struct known_nodes {
  std::vector<node_record> nodes;
};

}  // namespace sandbase
