// SPDX-License-Identifier: Apache-2.0
#include "http/server/http_server.hpp"

#include "actors/caf/listen.hpp"
#include "http/server/acceptor.hpp"

namespace sandbase {

result<std::unique_ptr<http_server>> http_server::start(caf::actor_system& system, const endpoint& at,
                                                        http_surface surface, std::vector<io_shard*> shards) {
  auto& context = shards.front()->io.context();
  auto socket = listen(context, at.host, at.port);
  if (!socket) return socket.error();
  std::unique_ptr<http_server> server{new http_server};
  boost::system::error_code ec;
  const auto local = socket->local_endpoint(ec);
  server->port_ = local.port();
  server->address_ = format_endpoint({at.host, local.port()});
  const auto closed = std::make_shared<std::promise<void>>();
  server->closed_ = closed->get_future();
  server->acceptor_ = system.spawn<acceptor>(std::move(shards), std::move(*socket), surface,
                                             std::function<void()>{[closed] { closed->set_value(); }});
  return server;
}

http_server::~http_server() { abort(); }

void http_server::begin_shutdown() { caf::anon_send(acceptor_, begin_drain{}); }

void http_server::abort() { caf::anon_send(acceptor_, abort_now{}); }

bool http_server::wait_closed(std::chrono::milliseconds at_most) {
  return closed_.wait_for(at_most) == std::future_status::ready;
}

}  // namespace sandbase
