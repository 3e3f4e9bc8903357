// SPDX-License-Identifier: Apache-2.0
// What the guardian of a node is sent.
#pragma once

#include "actors/actors.hpp"

#include <caf/actor_control_block.hpp>

#include <string>

namespace sandbase {

struct watch_over {
  /// Strong: CAF cannot monitor what is gone already.
  caf::strong_actor_ptr who;
  std::string name;
};
struct stand_down {};

}  // namespace sandbase
