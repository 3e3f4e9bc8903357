// SPDX-License-Identifier: Apache-2.0
// Stands between two nodes, and lets nothing through when it is told so, as a network does that is cut: no
// connection is closed.
#pragma once

#include <boost/asio.hpp>

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <thread>

namespace sandbase::test {

class tcp_relay {
 public:
  explicit tcp_relay(std::uint16_t to) : to_(to) {
    accept();
    thread_ = std::thread{[this] { io_.run(); }};
  }
  tcp_relay(const tcp_relay&) = delete;
  tcp_relay& operator=(const tcp_relay&) = delete;
  ~tcp_relay() {
    io_.stop();
    thread_.join();
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(listener_.local_endpoint().port()); }
  /// What is under way is swallowed, for good; new connections are taken and nothing more.
  void cut() { is_cut_ = true; }
  /// For connections that are made from now on.
  void mend() {
    ++round_;
    is_cut_ = false;
  }

 private:
  using tcp = boost::asio::ip::tcp;
  struct way : std::enable_shared_from_this<way> {
    way(tcp_relay& r, std::shared_ptr<tcp::socket> a, std::shared_ptr<tcp::socket> b)
        : relay(r), from(std::move(a)), to(std::move(b)), round(r.round_) {}
    void carry() {
      from->async_read_some(boost::asio::buffer(bytes),
                            [self = shared_from_this()](auto ec, auto count) { self->read(ec, count); });
    }
    void read(const boost::system::error_code& ec, std::size_t count) {
      if (relay.is_cut_ || round != relay.round_) is_lost = true;
      if (is_lost) {
        if (!ec) carry();
        return;
      }
      boost::system::error_code ignored;
      if (ec)
        to->shutdown(tcp::socket::shutdown_send, ignored);
      else if (boost::asio::write(*to, boost::asio::buffer(bytes, count), ignored); !ignored)
        carry();
    }
    tcp_relay& relay;
    std::shared_ptr<tcp::socket> from, to;
    const int round;
    bool is_lost = false;
    std::array<char, 65536> bytes{};
  };

  void accept() {
    const auto client = std::make_shared<tcp::socket>(io_);
    listener_.async_accept(*client, [this, client](const boost::system::error_code& ec) {
      if (ec) return;
      const auto server = std::make_shared<tcp::socket>(io_);
      boost::system::error_code refused;
      server->connect({boost::asio::ip::address_v4::loopback(), to_}, refused);
      if (!refused) {
        std::make_shared<way>(*this, client, server)->carry();
        std::make_shared<way>(*this, server, client)->carry();
      }
      accept();
    });
  }

  const std::uint16_t to_;
  boost::asio::io_context io_;
  tcp::acceptor listener_{io_, {boost::asio::ip::address_v4::loopback(), 0}};
  std::atomic<bool> is_cut_ = false;
  std::atomic<int> round_ = 0;
  std::thread thread_;
};

}  // namespace sandbase::test
