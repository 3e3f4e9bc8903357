// SPDX-License-Identifier: Apache-2.0
#include "actors/node/system_config.hpp"

#include "actors/messages/all.hpp"

#include <caf/atom.hpp>

namespace sandbase {

namespace {

/// Messages that one actor handles before others get their turn.
constexpr std::size_t max_throughput = 200;

}  // namespace

system_config::system_config(std::size_t workers) {
  add_message_types<caf::id_block::sandbase_peers>();
  add_message_types<caf::id_block::sandbase>();
  // Work sharing sleeps when idle; stealing polls.
  set("scheduler.policy", caf::atom("sharing"));
  set("scheduler.max-threads", workers);
  set("scheduler.max-throughput", max_throughput);
}

}  // namespace sandbase
