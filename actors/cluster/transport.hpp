// SPDX-License-Identifier: Apache-2.0
// The actor that makes links to other nodes. Connections are made and taken here, with deadlines and bounds,
// and handed to CAF's network layer when both ends have proved that they know the cluster's secret.
#pragma once

#include "actors/actors.hpp"
#include "actors/caf/asio_actor.hpp"
#include "actors/caf/sure_promise.hpp"
#include "actors/cluster/link_opening.hpp"
#include "actors/cluster/refusal_log.hpp"
#include "actors/messages/all.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>

namespace sandbase {

/// CAF notices by itself when the other end of a link is silent (cluster_config), and ends the actors that it
/// shows for those of the other node; nothing of a link is kept here, so that dialing again makes a new one.
class transport final : public asio_actor<transport_actor::base> {
 public:
  /// `listener` belongs to the io_context of `io`, and is bound and listens, or is closed: then nobody comes.
  transport(caf::actor_config& cfg, io_thread& io, boost::asio::ip::tcp::acceptor listener, tls_context tls);

  /// Others' connections whose handshake is under way: beyond, the oldest gives way. A handshake takes
  /// milliseconds.
  static constexpr std::size_t max_incoming = 64;

  const char* name() const override { return "transport"; }
  void on_exit() override;

 protected:
  behavior_type make_behavior() override;

 private:
  struct incoming {
    std::shared_ptr<link_opening> opening;
    std::string address;
  };
  using place = std::list<incoming>::iterator;

  void arm();
  void accept_some();
  void pause(const boost::system::error_code& why);
  void add(boost::asio::ip::tcp::socket socket);
  void opened(place at, result<open_link> opened);
  void greet(open_link link);

  caf::result<peer_dialed> dial(const dial_peer& message);
  void dialed(const std::string& address, const sure_promise<peer_dialed>& promise, result<open_link> opened);
  void shake_hands(const std::string& address, const sure_promise<peer_dialed>& promise, open_link link);

  void tell_refusal(std::string_view whom, std::string_view why);
  actor_status describe() const;

  /// What belongs to the thread's io_context. CAF's clock may hold the actor for longer than that is there.
  struct asio_part {
    boost::asio::ip::tcp::acceptor listener;
    boost::asio::steady_timer pause;
  };
  std::unique_ptr<asio_part> asio_;
  const std::uint16_t port_;
  const tls_context tls_;
  /// CAF's end of all links.
  caf::actor basp_;
  /// Null: nobody is let in yet.
  peer_actor greeter_;
  /// Oldest first.
  std::list<incoming> incoming_;
  std::list<std::shared_ptr<link_opening>> outgoing_;
  const std::shared_ptr<std::atomic<std::size_t>> alive_ = std::make_shared<std::atomic<std::size_t>>(0);
  refusal_log refusals_;
  bool waiting_ = false;
  bool is_paused_ = false;
};

}  // namespace sandbase
