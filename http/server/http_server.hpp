// SPDX-License-Identifier: Apache-2.0
// A listener with its connections, as the process that runs it sees it.
//
//   caf::actor_system_config cfg;
//   cfg.add_message_types<caf::id_block::sandbase_peers>();
//   cfg.add_message_types<caf::id_block::sandbase>();
//   cfg.add_message_types<caf::id_block::sandbase_http>();
//   caf::actor_system system{cfg};
//   … spawn the journal, readers and the directory …
//   server_state all{options, actors};
//   io_pool pool{system, all, threads};
//   auto api = http_server::start(system, {"127.0.0.1", 8080}, http_surface::api, pool.shards());
//   auto admin = http_server::start(system, {"127.0.0.1", 8081}, http_surface::admin, pool.shards());
//   pool.start();                                    // only now is anything accepted
//   … until SIGTERM …
//   all.draining = true;                             // readyz answers 503
//   (*api)->begin_shutdown();
//   if (!(*api)->wait_closed(4s)) { (*api)->abort(); (*api)->wait_closed(1s); }
//   (*admin)->abort(); (*admin)->wait_closed(1s);
//   … retire all sessions, stop the journal and the readers: nothing may send to an io thread behind this …
//   pool.stop();
#pragma once

#include "events/base/result.hpp"
#include "http/api/routes.hpp"
#include "http/stream/messages.hpp"
#include "http/wire/endpoint.hpp"

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace sandbase {

/// Used by one thread, not an io thread. Destroying it aborts.
class http_server {
 public:
  /// Binds the address and listens. Connections are accepted as soon as the io threads run. A failure is
  /// `invalid` (not an address) or `unavailable` (cannot be bound) and names the address. @pre
  /// !shards.empty()
  static result<std::unique_ptr<http_server>> start(caf::actor_system& system, const endpoint& at,
                                                    http_surface surface, std::vector<io_shard*> shards);
  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;
  ~http_server();

  std::uint16_t port() const { return port_; }
  /// `127.0.0.1:8080`, with the real port.
  const std::string& address() const { return address_; }

  /// Who listens, to be watched: it quits once it is told to stop and its connections are gone.
  const acceptor_actor& listener() const { return acceptor_; }

  /// Stops accepting; idle connections close, the others finish their request or replay first.
  void begin_shutdown();
  /// Stops accepting and cuts all connections.
  void abort();
  /// Waits until every connection is gone. @returns whether that is so
  bool wait_closed(std::chrono::milliseconds at_most);

 private:
  http_server() = default;

  acceptor_actor acceptor_;
  std::future<void> closed_;
  std::uint16_t port_ = 0;
  std::string address_;
};

}  // namespace sandbase
