// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/link_transport.hpp"

#include "actors/cluster/transport.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <caf/send.hpp>

#include <fmt/core.h>
#include <pthread.h>
#include <utility>

namespace sandbase {

namespace {

using boost::asio::ip::tcp;

result<tcp::acceptor> listen(boost::asio::io_context& context, const link_address& at) {
  boost::system::error_code ec;
  const auto host = boost::asio::ip::make_address(at.host, ec);
  if (ec) return {errc::invalid, fmt::format("`{}` is not an address", at.host)};
  tcp::acceptor socket{context};
  const tcp::endpoint endpoint{host, at.port};
  socket.open(endpoint.protocol(), ec);
  if (!ec) socket.set_option(tcp::acceptor::reuse_address{true}, ec);
  if (!ec) socket.bind(endpoint, ec);
  if (!ec) socket.listen(tcp::acceptor::max_listen_connections, ec);
  if (!ec) socket.non_blocking(true, ec);
  if (ec)
    return {errc::unavailable, fmt::format("cannot listen on {}: {}", format_link_address(at), ec.message())};
  return socket;
}

}  // namespace

result<std::unique_ptr<link_transport>> link_transport::start(caf::actor_system& system,
                                                              const std::optional<link_address>& at,
                                                              tls_context tls) {
  std::unique_ptr<link_transport> made{new link_transport{system}};
  result<tcp::acceptor> socket{tcp::acceptor{made->io_.context()}};
  if (at) {
    socket = listen(made->io_.context(), *at);
    if (!socket) return std::move(socket).error();
    made->port_ = socket->local_endpoint().port();
  }
  made->actor_ = system.spawn<transport>(made->io_, *std::move(socket), std::move(tls));
  made->thread_ = std::thread{[&io = made->io_] {
    ::pthread_setname_np(::pthread_self(), "links");
    io.run();
  }};
  return made;
}

link_transport::~link_transport() { stop(); }

void link_transport::stop() {
  if (!actor_) return;
  caf::anon_send_exit(std::exchange(actor_, nullptr), caf::exit_reason::user_shutdown);
  // Behind what the thread has to do by now.
  boost::asio::post(io_.context(), [&io = io_] { io.stop(); });
  thread_.join();
  io_.context().restart();
  io_.context().poll();
}

}  // namespace sandbase
