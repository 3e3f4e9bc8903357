// SPDX-License-Identifier: Apache-2.0
// One connection from its first packet until both ends have proved that they know the cluster's secret. What
// is behind it (CAF) never sees any other, and nobody who says nothing is waited for.
#pragma once

#include "actors/cluster/link_address.hpp"
#include "actors/cluster/tls_session.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace sandbase {

/// A connection that is open.
struct open_link {
  boost::asio::ip::tcp::socket socket;
  std::unique_ptr<tls_session> session;
};

/// Lives on the thread of its io_context. Ends by calling `done` once, from a handler of the io_context, or
/// by cancel().
class link_opening : public std::enable_shared_from_this<link_opening> {
 public:
  /// `forbidden`: the other end is refused, or refuses; `unavailable`: it cannot be reached. The sentence has
  /// the other end as `it` and no address.
  using done_fn = std::function<void(result<open_link>)>;

  /// For names to be looked up and a connection to be made: a host that swallows packets holds up nobody for
  /// longer.
  static constexpr std::chrono::milliseconds connect_time{1000};
  /// For both proofs.
  static constexpr std::chrono::milliseconds handshake_time{2000};

  static std::shared_ptr<link_opening> accept(boost::asio::ip::tcp::socket socket, const tls_context& tls,
                                              done_fn done);
  static std::shared_ptr<link_opening> dial(boost::asio::io_context& io, const link_address& to,
                                            const tls_context& tls, done_fn done);

  /// Closes the connection; `done` is not called.
  void cancel();

 private:
  using tcp = boost::asio::ip::tcp;

  link_opening(tcp::socket socket, tls_context tls, tls_end end, done_fn done);
  void look_up(const link_address& to);
  void connect(const tcp::resolver::results_type& found);
  void start_handshake();
  void go_on();
  void when_ready(tcp::socket::wait_type what, void (link_opening::*then)());
  void end_within(std::chrono::milliseconds time, failure why);
  void finish();
  void fail(failure why);

  tcp::socket socket_;
  tcp::resolver resolver_;
  boost::asio::steady_timer timer_;
  tls_context tls_;
  tls_end end_;
  std::unique_ptr<tls_session> session_;
  /// Null: it is over.
  done_fn done_;
};

}  // namespace sandbase
