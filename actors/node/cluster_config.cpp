// SPDX-License-Identifier: Apache-2.0
#include "actors/node/cluster_config.hpp"

#include "actors/messages/link_protocol.hpp"
#include "events/base/random_bytes.hpp"

#include <caf/actor_system.hpp>
#include <caf/io/middleman.hpp>
#include <caf/node_id.hpp>
#include <caf/timespan.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace sandbase {

// A system's id of its node is private; but who instantiates a template by name may name what is private.
caf::node_id& node_id_of(caf::actor_system& system);
template <auto Member>
struct reaches_node_id {
  friend caf::node_id& node_id_of(caf::actor_system& system) { return system.*Member; }
};
template struct reaches_node_id<&caf::actor_system::node_>;

namespace {

/// Gives the node an id that nothing else had before. CAF makes one of MAC addresses, the disk and the id of
/// the process, and these are alike in two containers: each would take the other one for itself. A process
/// that is started again in the same container would be taken for the one before.
class random_node_id final : public caf::actor_system::module {
 public:
  static caf::actor_system::module* make(caf::actor_system& system, caf::detail::type_list<>) {
    return new random_node_id{system};
  }

  void start() override {}
  void stop() override {}
  // Behind the network layer's, and before anything is made that keeps the id.
  void init(caf::actor_system_config&) override {
    caf::node_id::default_data::host_id_type host{};
    random_bytes(host);
    std::array<std::uint8_t, 4> bytes{};
    random_bytes(bytes);
    std::uint32_t process = 0;
    for (const auto byte : bytes) process = process << 8 | byte;
    // Zero is no process.
    node_id_of(system_) = caf::make_node_id(std::max(process, 1U), host);
  }
  // That of a part of later versions of CAF, which this one has not.
  id_t id() const override { return network_manager; }
  void* subtype_ptr() override { return this; }

 private:
  explicit random_node_id(caf::actor_system& system) : system_(system) {}
  caf::actor_system& system_;
};

}  // namespace

cluster_config::cluster_config(std::size_t workers) : system_config(workers) {
  load<caf::io::middleman>();
  load<random_node_id>();
  set("middleman.app-identifiers", std::vector<std::string>{std::string{link_protocol}});
  set("middleman.heartbeat-interval", caf::timespan{heartbeat_interval});
  set("middleman.connection-timeout", caf::timespan{silence_limit});
  set("middleman.enable-automatic-connections", false);
  // A frame is decoded by the thread that reads it: it is one string, a worker would have to wake up for it.
  set("middleman.workers", std::size_t{0});
}

}  // namespace sandbase
