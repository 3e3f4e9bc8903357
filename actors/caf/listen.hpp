// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "events/base/result.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <string>

namespace sandbase {

/// A socket that takes connections and does not block. `host`: an address of IPv4 or IPv6 without brackets.
/// `port`: 0 lets the system choose. `invalid`: the host is no address; `unavailable`: it cannot be had.
result<boost::asio::ip::tcp::acceptor> listen(boost::asio::io_context& context, const std::string& host,
                                              std::uint16_t port);

}  // namespace sandbase
