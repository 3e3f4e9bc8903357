// SPDX-License-Identifier: Apache-2.0
#include "http/io/socket_io.hpp"

#include <algorithm>
#include <limits>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace sandbase {

namespace {

bool is_would_block(const boost::system::error_code& ec) {
  return ec == boost::asio::error::would_block || ec == boost::asio::error::try_again ||
         ec == boost::asio::error::interrupted;
}

}  // namespace

io_outcome read_now(stream_socket& socket, std::span<char> space) {
  boost::system::error_code ec;
  const auto n = socket.read_some(boost::asio::buffer(space.data(), space.size()), ec);
  if (!ec) return {io_state::done, n};
  if (is_would_block(ec)) return {io_state::blocked, 0};
  return {io_state::closed, 0, ec != boost::asio::error::eof};
}

io_state peek_now(stream_socket& socket) {
  char byte = 0;
  boost::system::error_code ec;
  socket.receive(boost::asio::buffer(&byte, 1), stream_socket::message_peek, ec);
  if (!ec) return io_state::done;
  return is_would_block(ec) ? io_state::blocked : io_state::closed;
}

bool is_broken(stream_socket& socket) {
  pollfd p{socket.native_handle(), 0, 0};
  return ::poll(&p, 1, 0) > 0 && (p.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
}

bool was_reset(stream_socket& socket) {
  pollfd p{socket.native_handle(), 0, 0};
  return ::poll(&p, 1, 0) > 0 && (p.revents & (POLLERR | POLLNVAL)) != 0;
}

std::size_t unacknowledged(stream_socket& socket) {
  int bytes = 0;
  return ::ioctl(socket.native_handle(), SIOCOUTQ, &bytes) == 0 ? static_cast<std::size_t>(bytes) : 0;
}

io_outcome write_now(stream_socket& socket, outbox& out, std::size_t max_bytes) {
  io_outcome outcome{io_state::done, 0};
  outbox::buffer_array buffers;
  while (!out.empty() && outcome.bytes < max_bytes) {
    boost::system::error_code ec;
    const auto n = socket.write_some(out.front(buffers, max_bytes - outcome.bytes), ec);
    if (ec) {
      outcome.state = is_would_block(ec) ? io_state::blocked : io_state::closed;
      outcome.broken = outcome.state == io_state::closed;
      return outcome;
    }
    out.consume(n);
    outcome.bytes += n;
  }
  return outcome;
}

io_outcome write_now(stream_socket& socket, std::string_view bytes) {
  boost::system::error_code ec;
  const auto n = socket.write_some(boost::asio::buffer(bytes.data(), bytes.size()), ec);
  if (ec) return {is_would_block(ec) ? io_state::blocked : io_state::closed, 0};
  return {n == bytes.size() ? io_state::done : io_state::blocked, n};
}

void acknowledge_now(stream_socket& socket) {
  const int on = 1;
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

void notice_vanished_peer(stream_socket& socket, std::chrono::milliseconds patience) {
  const auto set = [&](int level, int option, int value) {
    ::setsockopt(socket.native_handle(), level, option, &value, sizeof value);
  };
  const auto ms = static_cast<int>(std::min<std::int64_t>(patience.count(), std::numeric_limits<int>::max()));
  // Probes are whole seconds, at least one; the kernel takes at most 32,767.
  const auto seconds = std::clamp(ms / 1000, 1, 32'767);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, ms);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, seconds);
  set(IPPROTO_TCP, TCP_KEEPINTVL, std::max(1, seconds / 3));
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
}

void limit_unsent(stream_socket& socket, int bytes) {
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof bytes);
}

}  // namespace sandbase
