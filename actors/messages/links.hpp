// SPDX-License-Identifier: Apache-2.0
// What the transport of links between nodes is sent and answers.
#pragma once

#include "actors/actors.hpp"
#include "actors/messages/peer_frame.hpp"

#include <string>

namespace sandbase {

/// Whom nodes meet that dial this one; from then on they are let in.
struct greet_with {
  peer_actor greeter;
};

struct dial_peer {
  /// HOST:PORT.
  std::string address;
};
struct peer_dialed {
  /// The greeter of the other node. It goes down when the link does.
  peer_actor peer;
};

}  // namespace sandbase
