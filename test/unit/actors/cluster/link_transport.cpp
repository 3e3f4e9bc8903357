// SPDX-License-Identifier: Apache-2.0
// Links between nodes over real sockets, since neither TLS nor CAF's heartbeats can be had without.
#define CAF_SUITE link_transport
#include "test/unit/actors/support/link_node.hpp"
#include "test/unit/actors/support/tcp_relay.hpp"

#include <atomic>
#include <sys/socket.h>
#include <thread>

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

using boost::asio::ip::tcp;
using strings = std::vector<std::string>;

std::string of_size(std::size_t size, int number) {
  auto text = std::to_string(number) + ':';
  text.resize(std::max(size, text.size()), static_cast<char>('a' + number % 26));
  return text;
}

}  // namespace

CAF_TEST(frames pass both ways in order whatever their size) {
  link_node a, b;
  const auto peer = a.link_to(b.address());
  strings sent;
  for (int i = 0; i < 300; ++i) sent.push_back(of_size(i % 10 == 9 ? 256 * 1024 : i * 7, i));
  for (const auto& frame : sent) a.send(peer, frame);
  CAF_CHECK(b.frames().wait([&](const strings& got) { return got.size() >= sent.size(); }));
  CAF_CHECK(b.frames().all() == sent);
  a.send(peer, "back");
  CAF_CHECK(a.frames().wait([](const strings& got) { return got == strings{"here"}; }));
  CAF_CHECK_EQUAL(a.status("links"), 1);
  CAF_CHECK_EQUAL(b.status("links"), 1);
}

CAF_TEST(dialing where there is a link finds that one) {
  link_node a, b;
  const auto first = a.link_to(b.address());
  const auto second = a.link_to(b.address());
  CAF_CHECK_EQUAL(first, second);
  CAF_CHECK(b.comes_to("links", 1));
  a.send(second, "x");
  CAF_CHECK(b.frames().wait([](const strings& got) { return got == strings{"x"}; }));
}

CAF_TEST(both nodes may dial) {
  link_node a, b;
  const auto to_b = a.link_to(b.address());
  const auto to_a = b.link_to(a.address());
  a.send(to_b, "from a");
  b.send(to_a, "from b");
  CAF_CHECK(b.frames().wait([](const strings& got) { return got == strings{"from a"}; }));
  CAF_CHECK(a.frames().wait([](const strings& got) { return got == strings{"from b"}; }));
}

CAF_TEST(a node has an id that no other has) {
  // CAF would count them: the same number comes again in another process.
  link_node a, b;
  CAF_CHECK(a.system.node() != b.system.node());
  const auto host = [](const link_node& n) { return caf::to_string(n.system.node()).substr(0, 36); };
  CAF_CHECK(host(a) != host(b));
}

CAF_TEST(a node that dials itself is told so) {
  link_node a;
  CAF_CHECK_EQUAL(a.refusal(a.address()), "it is this node itself");
  CAF_CHECK(a.comes_to("links", 0));
}

CAF_TEST(who cannot be reached holds up nobody else) {
  link_node a, b;
  // Listens, but has no room for one more: what comes is not answered.
  boost::asio::io_context io;
  tcp::acceptor full{io};
  full.open(tcp::v4());
  full.bind({boost::asio::ip::address_v4::loopback(), 0});
  full.listen(0);
  tcp::socket first{io}, second{io};
  first.connect(full.local_endpoint());
  // Asio would wait for it.
  second.open(tcp::v4());
  second.non_blocking(true);
  CAF_CHECK_EQUAL(::connect(second.native_handle(), full.local_endpoint().data(),
                            static_cast<socklen_t>(full.local_endpoint().size())),
                  -1);
  std::atomic<bool> is_told = false;
  std::string why;
  std::thread waits{[&] {
    why = a.dial("127.0.0.1:" + std::to_string(full.local_endpoint().port())).error().message;
    is_told = true;
  }};
  CAF_CHECK(a.comes_to("outgoing", 1));
  CAF_CHECK(a.link_to(b.address()) != nullptr);
  CAF_CHECK(!is_told);
  waits.join();
  CAF_CHECK(why.ends_with(": it does not answer"));
  CAF_CHECK_EQUAL(a.refusal("127.0.0.1:1"), "Connection refused");
  CAF_CHECK(a.link_to("localhost:" + std::to_string(b.port())) != nullptr);
  CAF_CHECK(a.dial("127.0.0.1").error().code == errc::invalid);
}

CAF_TEST(a link on which nothing comes ends at both ends and can be made again) {
  link_node a, b;
  tcp_relay relay{b.port()};
  const auto peer = a.link_to(relay.address());
  a.send(peer, "before");
  CAF_CHECK(b.frames().wait([](const strings& got) { return got.size() == 1; }));
  relay.cut();
  const auto cut_at = std::chrono::steady_clock::now();
  CAF_CHECK(a.goes_down(peer));
  CAF_CHECK(std::chrono::steady_clock::now() - cut_at < 10s);
  CAF_CHECK(a.comes_to("links", 0));
  CAF_CHECK(b.comes_to("links", 0));
  a.send(peer, "lost");
  relay.mend();
  const auto again = a.link_to(relay.address());
  a.send(again, "after");
  CAF_CHECK(b.frames().wait([](const strings& got) { return got.size() == 2; }));
  CAF_CHECK(b.frames().all().back() == "after");
}

CAF_TEST(a node that is started again at the same address is another one) {
  link_node a;
  auto b = std::make_unique<link_node>();
  const auto port = b->port();
  const auto address = b->address();
  const auto before = a.link_to(address);
  b = nullptr;
  CAF_CHECK(a.goes_down(before));
  link_node_options same_port;
  same_port.port = port;
  b = std::make_unique<link_node>(same_port);
  const auto after = a.link_to(address);
  CAF_CHECK_NOT_EQUAL(before, after);
  a.send(before, "to the dead");
  a.send(after, "to the living");
  CAF_CHECK(b->frames().wait([](const strings& got) { return got == strings{"to the living"}; }));
}

CAF_TEST(whoever waits for a link is answered when the transport stops) {
  auto a = std::make_unique<link_node>();
  boost::asio::io_context io;
  tcp::acceptor silent{io, {boost::asio::ip::address_v4::loopback(), 0}};
  const auto address = "127.0.0.1:" + std::to_string(silent.local_endpoint().port());
  std::string answer;
  std::thread asks{[&] { answer = a->dial(address).error().message; }};
  tcp::socket connected{io};
  silent.accept(connected);
  a->stop();
  asks.join();
  CAF_CHECK(!answer.empty());
}
