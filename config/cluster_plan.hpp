// SPDX-License-Identifier: Apache-2.0
// What becomes of the options about links between nodes: whether they fit together, and the secret, which is
// no option so that nothing that shows options shows it.
#pragma once

#include "actors/cluster/link_address.hpp"
#include "config/option_sources.hpp"
#include "config/options.hpp"
#include "events/base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sandbase {

/// Of a node that has links.
struct cluster_plan {
  /// To bind; port 0 lets the system choose. Nothing: an edge, which nobody dials.
  std::optional<link_address> listen;
  /// Of an edge: where it finds nodes, at least one.
  std::vector<link_address> join;
  /// At least min_cluster_secret_bytes long. Not to be logged.
  std::string secret;
  std::string name;
  /// This node's, never empty.
  std::string node;

  /// What other nodes are told, once it is known which port was bound.
  link_address told(std::uint16_t bound) const;

  std::optional<link_address> advertise;

  bool is_edge() const { return !listen; }
};

/// Nothing if neither cluster.listen nor cluster.join is set. Reads the file with the secret, and the
/// variable SANDBASE_CLUSTER_SECRET. `invalid`: one line that names the option.
result<std::optional<cluster_plan>> plan_cluster(const server_options& options,
                                                 const environment_fn& environment);

}  // namespace sandbase
