// SPDX-License-Identifier: Apache-2.0
// What crosses the links between nodes, and nothing else does: bytes, encoded and decoded by us, so that
// programs of several versions understand each other and no actor of one node is typed for another.
#pragma once

#include <caf/meta/type_name.hpp>
#include <caf/replies_to.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>

#include <string>

namespace sandbase {

struct peer_frame {
  std::string bytes;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, peer_frame& x) {
  return f(caf::meta::type_name("sandbase::peer_frame"), x.bytes);
}

/// A gateway, as the node at the other end of its link sees it, and the actor that a node is first met at.
using peer_actor = caf::typed_actor<caf::reacts_to<peer_frame>>;

}  // namespace sandbase

// Its name, not its number, crosses the wire.
CAF_BEGIN_TYPE_ID_BLOCK(sandbase_peers, caf::first_custom_type_id)
  CAF_ADD_TYPE_ID(sandbase_peers, (sandbase::peer_frame))
CAF_END_TYPE_ID_BLOCK(sandbase_peers)
