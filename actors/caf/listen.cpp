// SPDX-License-Identifier: Apache-2.0
#include "actors/caf/listen.hpp"

#include <fmt/core.h>

namespace sandbase {

using boost::asio::ip::tcp;

result<tcp::acceptor> listen(boost::asio::io_context& context, const std::string& host, std::uint16_t port) {
  boost::system::error_code ec;
  const auto address = boost::asio::ip::make_address(host, ec);
  if (ec) return {errc::invalid, fmt::format("`{}` is not an address", host)};
  tcp::acceptor socket{context};
  const tcp::endpoint at{address, port};
  socket.open(at.protocol(), ec);
  if (!ec) socket.set_option(tcp::acceptor::reuse_address{true}, ec);
  if (!ec) socket.bind(at, ec);
  if (!ec) socket.listen(tcp::acceptor::max_listen_connections, ec);
  if (!ec) socket.non_blocking(true, ec);
  if (!ec) return socket;
  const auto shown = address.is_v6() ? '[' + host + ']' : host;
  return {errc::unavailable, fmt::format("cannot listen on {}:{}: {}", shown, port, ec.message())};
}

}  // namespace sandbase
