// SPDX-License-Identifier: Apache-2.0
// Who gets no link, and what both ends say about it.
#define CAF_SUITE link_refusals
#include "test/unit/actors/support/link_node.hpp"
// The framework's header comes first.
#include "actors/cluster/link_opening.hpp"

#include <openssl/err.h>

#include <filesystem>
#include <malloc.h>

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

using boost::asio::ip::tcp;
using strings = std::vector<std::string>;

/// Two nodes with a link, which goes on whatever comes beside.
struct fixture {
  gathered_log log;
  link_node a, b;
  peer_actor peer = a.link_to(b.address());
  std::size_t beside = 0;

  ~fixture() {
    a.send(peer, "beside");
    CAF_CHECK(b.frames().wait([](const strings& got) { return got == strings{"beside"}; }));
  }

  /// `why_there`: what b says; `why_here`: what c says, and whoever dialed is told.
  void refused(const link_node_options& options, const std::string& why_there, const std::string& why_here) {
    link_node c{options};
    CAF_CHECK_EQUAL(c.refusal(b.address()), why_here);
    CAF_CHECK(log.has("a link to " + b.address(), " was refused: " + why_here));
    CAF_CHECK(log.has("a connection from 127.0.0.1:", " was refused: " + why_there));
    CAF_CHECK(c.comes_to("links", 0));
    CAF_CHECK_EQUAL(b.status("links"), 1);
  }

  /// Connects to b by TLS of its own, which fails. `protocol`: as ALPN has it; empty: none is named.
  void shake_hands(SSL_CTX& context, const std::string& protocol) {
    boost::asio::io_context io;
    tcp::socket socket{io};
    socket.connect({boost::asio::ip::address_v4::loopback(), b.port()});
    const ssl_ptr ssl{SSL_new(&context)};
    SSL_set_fd(ssl.get(), socket.native_handle());
    SSL_set_alpn_protos(ssl.get(), reinterpret_cast<const unsigned char*>(protocol.data()),
                        static_cast<unsigned int>(protocol.size()));
    // TLS 1.3: one end hears what the other says of it only when it reads.
    char byte = 0;
    CAF_CHECK(SSL_connect(ssl.get()) != 1 || SSL_read(ssl.get(), &byte, 1) <= 0);
    ERR_clear_error();
  }

  /// Connects to b, says `bytes`, and reads until b closes the connection.
  void say(const std::string& bytes) {
    boost::asio::io_context io;
    tcp::socket socket{io};
    socket.connect({boost::asio::ip::address_v4::loopback(), b.port()});
    boost::system::error_code ignored;
    boost::asio::write(socket, boost::asio::buffer(bytes), ignored);
    std::array<char, 256> rest{};
    while (socket.read_some(boost::asio::buffer(rest), ignored), !ignored) continue;
  }
};

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all{"/proc/self/fd"};
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

const std::string not_ours = "its certificate is not of this cluster: cluster.secret or cluster.name differ";
const std::string not_theirs =
    "it does not take the certificate of this node: cluster.secret or cluster.name differ";

}  // namespace

CAF_TEST_FIXTURE_SCOPE(link_refusals_tests, fixture)

CAF_TEST(another secret is refused) {
  link_node_options other;
  other.secret = "another secret, of more than thirty-two characters";
  refused(other, not_theirs, not_ours);
}

CAF_TEST(another name is refused) {
  link_node_options other;
  other.cluster = "elsewhere";
  refused(other, not_theirs, not_ours);
}

CAF_TEST(an expired certificate is refused) {
  link_node_options old;
  old.made = std::chrono::system_clock::now() - 11 * 365 * 24h;
  refused(old, "its certificate is not valid at this time: the clocks differ",
          "it does not take the certificate of this node at this time: the clocks differ");
}

CAF_TEST(a certificate of tomorrow is refused) {
  link_node_options early;
  early.made = std::chrono::system_clock::now() + 48h;
  refused(early, "its certificate is not valid at this time: the clocks differ",
          "it does not take the certificate of this node at this time: the clocks differ");
}

CAF_TEST(another version of the protocol is refused) {
  link_node_options old;
  old.protocol = "sandbase-link/1";
  refused(old, "it speaks another version of the links' protocol",
          "it speaks another version of the links' protocol");
}

CAF_TEST(whoever shows no certificate is refused) {
  const std::unique_ptr<SSL_CTX, openssl_free<SSL_CTX_free>> context{SSL_CTX_new(TLS_method())};
  shake_hands(*context, "\x0f" + std::string{link_protocol});
  CAF_CHECK(log.has("a connection from 127.0.0.1:", " was refused: it shows no certificate"));
}

CAF_TEST(whoever names no protocol is refused) {
  const auto ours = make_tls({});
  shake_hands(*ours.get(), "");
  CAF_CHECK(log.has("a connection from 127.0.0.1:", "it speaks another version of the links' protocol"));
}

CAF_TEST(whoever does not speak TLS of today is refused) {
  const std::unique_ptr<SSL_CTX, openssl_free<SSL_CTX_free>> context{SSL_CTX_new(TLS_method())};
  SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
  shake_hands(*context, "\x0f" + std::string{link_protocol});
  CAF_CHECK(log.has("a connection from 127.0.0.1:", " was refused: it does not speak TLS 1.3"));
}

CAF_TEST(whoever does not speak TLS is refused) {
  for (const auto& bytes : strings{"GET / HTTP/1.1\r\nHost: x\r\n\r\n", std::string(4096, '\0'),
                                   std::string(4096, '\xff'), "hello, this is not TLS at all\n"})
    say(bytes);
  CAF_CHECK(log.has("a connection from 127.0.0.1:", " was refused: it does not speak TLS"));
  CAF_CHECK(b.comes_to("refused", 4));
}

CAF_TEST(whoever says nothing is not waited for) {
  const auto begun = std::chrono::steady_clock::now();
  say("");
  CAF_CHECK(std::chrono::steady_clock::now() - begun >= link_opening::handshake_time);
  CAF_CHECK(
      log.has("a connection from 127.0.0.1:", " was refused: it does not finish its handshake in time"));
  CAF_CHECK_EQUAL(b.status("incoming"), 0);
}

CAF_TEST(a node that is not ready lets nobody in) {
  link_node_options not_ready;
  not_ready.greets = false;
  link_node c{not_ready};
  CAF_CHECK_EQUAL(a.refusal(c.address()), "it does not finish its handshake in time");
}

CAF_TEST(whoever has proven the secret and hangs up is told of) {
  boost::asio::io_context io;
  tcp::acceptor door{io, {boost::asio::ip::address_v4::loopback(), 0}};
  const auto tls = make_tls({});
  std::shared_ptr<link_opening> opening;
  door.async_accept([&](const boost::system::error_code&, tcp::socket socket) {
    opening = link_opening::accept(std::move(socket), tls, [](const result<open_link>& open) {
      CAF_CHECK(open);  // which is let go: CAF's part of the handshake is not answered
    });
  });
  std::jthread serves{[&io] { io.run(); }};
  const auto why = a.refusal("127.0.0.1:" + std::to_string(door.local_endpoint().port()));
  CAF_MESSAGE(why);
  CAF_CHECK(!why.empty());
}

CAF_TEST(many who say nothing keep nobody out) {
  boost::asio::io_context io;
  std::list<tcp::socket> silent;
  for (int i = 0; i < 300; ++i) {
    silent.emplace_back(io);
    silent.back().connect({boost::asio::ip::address_v4::loopback(), b.port()});
  }
  link_node c;
  CAF_CHECK(c.link_to(b.address()) != nullptr);
  CAF_CHECK(b.status("incoming") <= 64);
  CAF_CHECK(log.has("a connection from 127.0.0.1:", "too many others have not finished their handshake"));
  CAF_CHECK(b.comes_to("incoming", 0));
}

CAF_TEST(who is refused leaves nothing behind) {
  link_node_options other;
  other.secret = "another secret, of more than thirty-two characters";
  link_node c{other};
  const auto round = [&](int times) {
    for (int i = 0; i < times; ++i) {
      if (i % 2 == 0)
        c.refusal(b.address());
      else
        say("garbage, garbage, garbage");
    }
    CAF_CHECK(b.comes_to("incoming", 0));
  };
  round(20);
  CAF_CHECK(b.comes_to("refused", 20));
  const auto descriptors = open_descriptors();
  const auto bytes = mallinfo2().uordblks;
  round(200);
  CAF_CHECK(b.comes_to("refused", 220));
  CAF_CHECK_EQUAL(open_descriptors(), descriptors);
  CAF_CHECK(mallinfo2().uordblks < bytes + 128 * 1024);
  CAF_CHECK_EQUAL(log.count(not_ours), 1u);
  CAF_CHECK_EQUAL(log.count(not_theirs), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
