// SPDX-License-Identifier: Apache-2.0
// What the guardian of a node is sent.
#pragma once

#include "actors/actors.hpp"

#include <caf/actor_control_block.hpp>

#include <cstdint>
#include <string>

namespace sandbase {

struct watch_over {
  /// Until when it must not end by itself: until the node stops, or until it quits as it was told to.
  enum class lasts : std::uint8_t { until_stop, until_told };

  /// Strong: CAF cannot monitor what is gone already.
  caf::strong_actor_ptr who;
  std::string name;
  lasts how_long = lasts::until_stop;
};
struct stand_down {};

}  // namespace sandbase
