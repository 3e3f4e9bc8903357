// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE socket_io
#include "test/unit/http/support/http_client.hpp"
// The framework's header comes first.
#include "http/io/socket_io.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

int option_of(stream_socket& s, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  if (::getsockopt(s.native_handle(), level, name, &value, &size) != 0) CAF_FAIL("no such option");
  return value;
}

}  // namespace

CAF_TEST(a peer that has vanished is given up within three times the patience) {
  boost::asio::io_context context;
  for (const auto patience : {30'000ms, 4'000ms, 250ms}) {
    stream_socket s{context};
    s.open(boost::asio::generic::stream_protocol{AF_INET, IPPROTO_TCP});
    notice_vanished_peer(s, patience);
    CAF_CHECK_EQUAL(option_of(s, IPPROTO_TCP, TCP_USER_TIMEOUT), patience.count());
    CAF_CHECK_EQUAL(option_of(s, SOL_SOCKET, SO_KEEPALIVE), 1);
    const auto idle = option_of(s, IPPROTO_TCP, TCP_KEEPIDLE);
    const auto between = option_of(s, IPPROTO_TCP, TCP_KEEPINTVL);
    CAF_CHECK(idle >= 1 && between >= 1);
    const auto gone = std::chrono::seconds{idle + between * option_of(s, IPPROTO_TCP, TCP_KEEPCNT)};
    CAF_CHECK(gone <= std::max<std::chrono::milliseconds>(3 * patience, 4s));
  }
}

CAF_TEST(a write takes what the socket takes) {
  boost::asio::io_context context;
  int ends[2];
  CAF_REQUIRE_EQUAL(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  stream_socket s{context};
  s.assign(boost::asio::generic::stream_protocol{AF_UNIX, 0}, ends[0]);
  s.non_blocking(true);
  client_end client{ends[1]};
  const auto all = write_now(s, std::string_view{"abc"});
  CAF_CHECK(all.state == io_state::done && all.bytes == 3);
  CAF_CHECK_EQUAL(client.receive(), "abc");
  const std::string much(8 * 1024 * 1024, 'x');
  const auto some = write_now(s, much);
  CAF_CHECK(some.state == io_state::blocked && some.bytes > 0 && some.bytes < much.size());
  const auto none = write_now(s, much);
  CAF_CHECK(none.state == io_state::blocked && none.bytes == 0);
  CAF_CHECK_EQUAL(client.receive().size(), some.bytes);
  client.hang_up();
  CAF_CHECK(write_now(s, much).state == io_state::closed);
}
