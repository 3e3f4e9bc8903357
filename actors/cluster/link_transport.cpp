// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/link_transport.hpp"

#include "actors/caf/listen.hpp"
#include "actors/cluster/transport.hpp"

#include <boost/asio/post.hpp>
#include <caf/send.hpp>

#include <pthread.h>
#include <utility>

namespace sandbase {

result<std::unique_ptr<link_transport>> link_transport::start(caf::actor_system& system,
                                                              const std::optional<link_address>& at,
                                                              tls_context tls) {
  std::unique_ptr<link_transport> made{new link_transport{system}};
  result<boost::asio::ip::tcp::acceptor> socket{boost::asio::ip::tcp::acceptor{made->io_.context()}};
  if (at) {
    socket = listen(made->io_.context(), at->host, at->port);
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
