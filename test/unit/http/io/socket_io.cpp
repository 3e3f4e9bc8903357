// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE socket_io
#include "test/unit/http/support/http_client.hpp"
// The framework's header comes first.
#include "http/io/socket_io.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
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

namespace {

/// Both ends of a TCP connection.
struct tcp_pair {
  tcp_pair() {
    boost::asio::ip::tcp::acceptor listener{context, {boost::asio::ip::address_v4::loopback(), 0}};
    boost::asio::ip::tcp::socket near{context};
    near.connect(listener.local_endpoint());
    auto far = listener.accept();
    server = stream_socket{std::move(far)};
    server.non_blocking(true);
    client = std::make_unique<client_end>(near.release());
  }
  boost::asio::io_context context;
  stream_socket server{context};
  std::unique_ptr<client_end> client;
};

/// Loopback acknowledges at once, but not within the call.
bool is_acknowledged_soon(stream_socket& s, std::size_t but = 0) {
  for (int i = 0; i < 1000 && unacknowledged(s) > but; ++i) ::poll(nullptr, 0, 1);
  return unacknowledged(s) <= but;
}

}  // namespace

CAF_TEST(the kernel of a peer acknowledges for it) {
  tcp_pair p;
  CAF_CHECK(write_now(p.server, std::string_view{"answer"}).state == io_state::done);
  CAF_CHECK(is_acknowledged_soon(p.server));
  p.server.shutdown(stream_socket::shutdown_send);
  CAF_CHECK(is_acknowledged_soon(p.server, 1));
  CAF_CHECK(!was_reset(p.server));
  CAF_MESSAGE("who goes without having read it resets the connection");
  p.client->hang_up();
  for (int i = 0; i < 1000 && !was_reset(p.server); ++i) ::poll(nullptr, 0, 1);
  CAF_CHECK(was_reset(p.server));
  char byte = 0;
  const auto end = read_now(p.server, {&byte, 1});
  CAF_CHECK(end.state == io_state::closed && end.broken);
}

CAF_TEST(a peer that has read everything goes in order) {
  tcp_pair p;
  write_now(p.server, std::string_view{"answer"});
  std::string got;
  for (int i = 0; i < 1000 && got.size() < 6; ++i, ::poll(nullptr, 0, 1)) got += p.client->receive();
  p.client->hang_up();
  for (int i = 0; i < 1000 && peek_now(p.server) == io_state::blocked; ++i) ::poll(nullptr, 0, 1);
  char byte = 0;
  const auto end = read_now(p.server, {&byte, 1});
  CAF_CHECK(end.state == io_state::closed && !end.broken);
  CAF_CHECK(!was_reset(p.server) && unacknowledged(p.server) == 0);
}

CAF_TEST(a peer that takes nothing acknowledges no more than its kernel has room for) {
  tcp_pair p;
  const std::string much(64 * 1024 * 1024, 'x');
  const auto some = write_now(p.server, much);
  CAF_CHECK(some.state == io_state::blocked);
  CAF_CHECK(unacknowledged(p.server) > 0 && unacknowledged(p.server) <= some.bytes);
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
