// SPDX-License-Identifier: Apache-2.0
#include "http/server/http_server.hpp"

#include "http/server/acceptor.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <fmt/core.h>

namespace sandbase {

namespace {

using boost::asio::ip::tcp;

result<tcp::acceptor> listen(boost::asio::io_context& context, const endpoint& at) {
  tcp::acceptor socket{context};
  boost::system::error_code ec;
  const auto host = boost::asio::ip::make_address(at.host, ec);
  if (ec) return {errc::invalid, fmt::format("`{}` is not an address", at.host)};
  const tcp::endpoint endpoint{host, at.port};
  socket.open(endpoint.protocol(), ec);
  if (!ec) socket.set_option(tcp::acceptor::reuse_address{true}, ec);
  if (!ec) socket.bind(endpoint, ec);
  if (!ec) socket.listen(tcp::acceptor::max_listen_connections, ec);
  if (!ec) socket.non_blocking(true, ec);
  if (ec)
    return {errc::unavailable, fmt::format("cannot listen on {}: {}", format_endpoint(at), ec.message())};
  return socket;
}

}  // namespace

result<std::unique_ptr<http_server>> http_server::start(caf::actor_system& system, const endpoint& at,
                                                        http_surface surface, std::vector<io_shard*> shards) {
  auto& context = shards.front()->io.context();
  auto socket = listen(context, at);
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
