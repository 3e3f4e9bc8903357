// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/link_opening.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/address.hpp>

#include <array>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <utility>

namespace sandbase {

namespace {

using boost::system::error_code;

/// After which the kernel gives up what the other end does not acknowledge: links are dead long before.
constexpr unsigned int unacknowledged_ms = 4000;

void prepare(boost::asio::ip::tcp::socket& socket) {
  error_code ignored;
  socket.non_blocking(true, ignored);
  socket.set_option(boost::asio::ip::tcp::no_delay{true}, ignored);
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms,
               sizeof unacknowledged_ms);
}

}  // namespace

link_opening::link_opening(tcp::socket socket, tls_context tls, tls_end end, done_fn done)
    : socket_(std::move(socket)),
      resolver_(socket_.get_executor()),
      timer_(socket_.get_executor()),
      tls_(std::move(tls)),
      end_(end),
      done_(std::move(done)) {}

std::shared_ptr<link_opening> link_opening::accept(tcp::socket socket, const tls_context& tls, done_fn done) {
  std::shared_ptr<link_opening> made{
      new link_opening{std::move(socket), tls, tls_end::accepts, std::move(done)}};
  made->start_handshake();
  return made;
}

std::shared_ptr<link_opening> link_opening::dial(boost::asio::io_context& io, const link_address& to,
                                                 const tls_context& tls, done_fn done) {
  std::shared_ptr<link_opening> made{new link_opening{tcp::socket{io}, tls, tls_end::dials, std::move(done)}};
  made->end_within(connect_time, {errc::unavailable, "it does not answer"});
  made->look_up(to);
  return made;
}

void link_opening::look_up(const link_address& to) {
  error_code ec;
  if (const auto address = boost::asio::ip::make_address(to.host, ec); !ec) {
    connect(tcp::resolver::results_type::create(tcp::endpoint{address, to.port}, to.host, ""));
    return;
  }
  resolver_.async_resolve(
      to.host, std::to_string(to.port), tcp::resolver::numeric_service,
      [self = shared_from_this()](const error_code& why, const tcp::resolver::results_type& found) {
        if (!self->done_) return;
        if (why) return self->fail({errc::unavailable, "its name is not known: " + why.message()});
        self->connect(found);
      });
}

void link_opening::connect(const tcp::resolver::results_type& found) {
  boost::asio::async_connect(socket_, found,
                             [self = shared_from_this()](const error_code& why, const tcp::endpoint&) {
                               if (!self->done_) return;
                               if (why) return self->fail({errc::unavailable, why.message()});
                               self->start_handshake();
                             });
}

void link_opening::start_handshake() {
  prepare(socket_);
  session_ = std::make_unique<tls_session>(tls_, end_, socket_.native_handle());
  end_within(handshake_time, {errc::forbidden, "it does not finish its handshake in time"});
  // The one that accepts has nothing to do before the other one has said something.
  when_ready(end_ == tls_end::dials ? tcp::socket::wait_write : tcp::socket::wait_read, &link_opening::go_on);
}

void link_opening::go_on() {
  switch (session_->open()) {
    case tls_step::wants_read:
      return when_ready(tcp::socket::wait_read, &link_opening::go_on);
    case tls_step::wants_write:
      return when_ready(tcp::socket::wait_write, &link_opening::go_on);
    case tls_step::ended:
      return fail({errc::forbidden, session_->why()});
    case tls_step::done:
      break;
  }
  if (end_ == tls_end::accepts) return finish();
  // CAF counts a connection that it dials as silent until it has heard something on it, and closes silent
  // ones at every tick of its heartbeat. The other end speaks first.
  when_ready(tcp::socket::wait_read, &link_opening::finish);
}

void link_opening::when_ready(tcp::socket::wait_type what, void (link_opening::*then)()) {
  socket_.async_wait(what, [self = shared_from_this(), then](const error_code& why) {
    if (!self->done_) return;
    if (why) return self->fail({errc::unavailable, why.message()});
    ((*self).*then)();
  });
}

void link_opening::end_within(std::chrono::milliseconds time, failure why) {
  timer_.expires_after(time);
  timer_.async_wait([self = shared_from_this(), why = std::move(why)](const error_code& cancelled) {
    if (!cancelled && self->done_) self->fail(why);
  });
}

void link_opening::finish() {
  timer_.cancel();
  std::exchange(done_, nullptr)(open_link{std::move(socket_), std::move(session_)});
}

void link_opening::fail(failure why) {
  const auto done = std::exchange(done_, nullptr);
  cancel();
  done(std::move(why));
}

void link_opening::cancel() {
  done_ = nullptr;
  timer_.cancel();
  resolver_.cancel();
  session_ = nullptr;
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace sandbase
