// SPDX-License-Identifier: Apache-2.0
// The actor with a listening socket: accepts connections, hands them to
// the io threads in turn and watches over them.
#pragma once

#include "actors/caf/asio_actor.hpp"
#include "http/api/routes.hpp"
#include "http/stream/messages.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace sandbase {

/// Of the connections that may be open (max_connections, max_admin_connections) the last max_kept_places are
/// for those who are turned away: who gets one is told so by 503 instead of being left to wait. Beyond them,
/// and while the process has no file descriptors left, nothing is accepted. Quits when it drains (or aborts)
/// and its last connection is gone; calls `on_closed` then, on its io thread.
class acceptor final : public asio_actor<acceptor_actor::base>, private io_thread::watched {
 public:
  /// `socket` is bound, listens and belongs to the io_context of the first
  /// shard, whose thread this lives on.
  acceptor(caf::actor_config& cfg, std::vector<io_shard*> shards, boost::asio::ip::tcp::acceptor socket,
           http_surface surface, std::function<void()> on_closed);

  /// At most half of all places.
  static constexpr std::size_t max_kept_places = 16;

  const char* name() const override { return "acceptor"; }
  void on_exit() override;

 protected:
  behavior_type make_behavior() override;

 private:
  void arm();
  void accept_some();
  void add(boost::asio::ip::tcp::socket socket, io_shard& shard);
  void tell_that_it_is_full();
  void stop_accepting();
  void quit_if_done();
  bool is_paused() const { return deadline != io_thread::clock::time_point::max(); }
  actor_status describe() const;
  void deadline_passed() override;
  void pause(const boost::system::error_code& why);
  const http_options& options() const { return shared().options; }
  server_state& shared() const { return shards_.front()->shared; }
  std::size_t places() const;

  std::vector<io_shard*> shards_;
  boost::asio::ip::tcp::acceptor socket_;
  const http_surface surface_;
  std::function<void()> on_closed_;
  std::unordered_map<caf::actor_id, connection_actor> connections_;
  std::size_t next_shard_ = 0;
  /// When it was last logged that all places are taken, and how many had been turned away then.
  std::optional<io_thread::clock::time_point> told_at_;
  std::uint64_t turned_away_ = 0;
  std::uint64_t told_of_ = 0;
  /// The reactor has been asked.
  bool waiting_ = false;
  bool closing_ = false;
};

}  // namespace sandbase
