// SPDX-License-Identifier: Apache-2.0
// Links to other nodes, started and stopped: the port, the thread, and the actor on it.
#pragma once

#include "actors/actors.hpp"
#include "actors/caf/io_thread.hpp"
#include "actors/cluster/link_address.hpp"
#include "actors/cluster/tls_session.hpp"

#include <caf/actor_system.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <thread>

namespace sandbase {

/// Made, used and destroyed by one thread, before the actor system goes.
class link_transport {
 public:
  /// Binds `at` (an address, not a name; port 0 lets the system choose), if it is given, and starts a thread.
  /// The actor dials from now on; who dials this node waits until the actor has got its greet_with.
  /// @pre `system` has a cluster_config; SIGPIPE is ignored
  /// `unavailable`: it cannot be listened on; `invalid`: it is no address.
  static result<std::unique_ptr<link_transport>> start(caf::actor_system& system,
                                                       const std::optional<link_address>& at,
                                                       tls_context tls);
  link_transport(const link_transport&) = delete;
  link_transport& operator=(const link_transport&) = delete;
  /// As stop().
  ~link_transport();

  const transport_actor& actor() const { return actor_; }
  /// That is listened on; 0: none.
  std::uint16_t port() const { return port_; }

  /// Closes the port and what is being opened; who waits for it gets `unavailable`. Links that are open stay
  /// until the actor system ends. May be called again.
  void stop();

 private:
  explicit link_transport(caf::actor_system& system) : io_(system) {}

  io_thread io_;
  transport_actor actor_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace sandbase
