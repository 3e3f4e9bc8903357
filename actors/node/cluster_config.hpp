// SPDX-License-Identifier: Apache-2.0
// CAF's configuration for a node with links to others: a system_config that has CAF's network layer as well.
#pragma once

#include "actors/node/system_config.hpp"

#include <chrono>

namespace sandbase {

/// Opens no port: links are link_transport's. CAF sends a heartbeat over each link, and closes one on which
/// it has heard nothing for too long: the actors that it shows for those of the other node go down then.
class cluster_config : public system_config {
 public:
  static constexpr std::chrono::milliseconds heartbeat_interval{500};
  static constexpr std::chrono::milliseconds silence_limit{2000};

  explicit cluster_config(std::size_t workers = 2);
};

}  // namespace sandbase
