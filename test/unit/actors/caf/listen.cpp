// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE listen
#include "actors/caf/listen.hpp"

#include "test/unit/support/test.hpp"

using namespace sandbase;

CAF_TEST(a socket is had at an address) {
  boost::asio::io_context io;
  const auto socket = listen(io, "127.0.0.1", 0);
  CAF_REQUIRE(socket);
  CAF_CHECK(socket->non_blocking());
  const auto at = socket->local_endpoint();
  CAF_CHECK(at.address().is_loopback() && at.port() != 0);
}

CAF_TEST(a name is no address) {
  boost::asio::io_context io;
  const auto socket = listen(io, "localhost", 0);
  CAF_REQUIRE(!socket);
  CAF_CHECK(socket.error().code == errc::invalid);
  CAF_CHECK_EQUAL(socket.error().message, "`localhost` is not an address");
}

CAF_TEST(an address that another has is told with the reason) {
  boost::asio::io_context io;
  const auto first = listen(io, "127.0.0.1", 0);
  CAF_REQUIRE(first);
  const auto port = first->local_endpoint().port();
  const auto second = listen(io, "127.0.0.1", port);
  CAF_REQUIRE(!second);
  CAF_CHECK(second.error().code == errc::unavailable);
  CAF_CHECK_EQUAL(second.error().message,
                  "cannot listen on 127.0.0.1:" + std::to_string(port) + ": Address already in use");
  // Of no interface of this machine (RFC 3849).
  const auto elsewhere = listen(io, "2001:db8::1", 80);
  CAF_REQUIRE(!elsewhere);
  CAF_CHECK(elsewhere.error().code == errc::unavailable);
}
