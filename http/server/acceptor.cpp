// SPDX-License-Identifier: Apache-2.0
#include "http/server/acceptor.hpp"

#include "http/io/socket_io.hpp"
#include "http/server/connection.hpp"

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace sandbase {

namespace {

using boost::asio::ip::tcp;

/// Connections accepted before others of the thread get their turn.
constexpr int max_accepts_in_a_row = 64;
/// How long to wait when the kernel has no descriptors or memory left.
constexpr std::chrono::seconds exhausted_pause{1};

/// Between two warnings that all places are taken.
constexpr std::chrono::seconds full_warning_pause{10};

/// Errors of a single connection that died before it was accepted; the listening socket is well.
bool concerns_one_connection(const boost::system::error_code& ec) {
  return ec == boost::asio::error::connection_aborted || ec == boost::asio::error::interrupted ||
         ec == boost::system::errc::protocol_error;
}

}  // namespace

acceptor::acceptor(caf::actor_config& cfg, std::vector<io_shard*> shards, tcp::acceptor socket,
                   http_surface surface, std::function<void()> on_closed)
    : asio_actor(cfg, shards.front()->io),
      shards_(std::move(shards)),
      socket_(std::move(socket)),
      surface_(surface),
      on_closed_(std::move(on_closed)) {}

acceptor::behavior_type acceptor::make_behavior() {
  io().watch(*this);
  set_down_handler([this](caf::down_msg& down) {
    connections_.erase(down.source.id());
    quit_if_done();
    arm();
  });
  arm();
  return {
      [this](const begin_drain& message) {
        stop_accepting();
        for (const auto& [id, connection] : connections_) send(connection, message);
        quit_if_done();
      },
      [this](const abort_now& message) {
        stop_accepting();
        for (const auto& [id, connection] : connections_) send(connection, message);
        quit_if_done();
      },
      [this](const describe_actor&) { return describe(); },
  };
}

void acceptor::on_exit() {
  unlink();
  boost::system::error_code ec;
  socket_.close(ec);
  connections_.clear();
  if (on_closed_) on_closed_();
  on_closed_ = nullptr;
}

/// Waits for the next connection unless it must not come now.
void acceptor::arm() {
  if (waiting_ || closing_ || is_paused() || connections_.size() >= places()) return;
  waiting_ = true;
  socket_.async_wait(tcp::acceptor::wait_read, handler([this](const boost::system::error_code& ec) {
                       waiting_ = false;
                       if (closing_) return;
                       if (ec)
                         pause(ec);
                       else
                         accept_some();
                       arm();
                     }));
}

void acceptor::accept_some() {
  for (int i = 0; i < max_accepts_in_a_row && connections_.size() < places(); ++i) {
    auto& shard = *shards_[next_shard_ % shards_.size()];
    boost::system::error_code ec;
    auto socket = socket_.accept(shard.io.context(), ec);
    if (!ec) {
      ++next_shard_;
      add(std::move(socket), shard);
      continue;
    }
    if (concerns_one_connection(ec)) continue;
    if (ec == boost::asio::error::would_block || ec == boost::asio::error::try_again) return;
    return pause(ec);
  }
}

void acceptor::pause(const boost::system::error_code& why) {
  spdlog::warn("cannot accept connections now: {}", why.message());
  deadline = io().now() + exhausted_pause;
}

void acceptor::add(tcp::socket socket, io_shard& shard) {
  boost::system::error_code ec;
  socket.set_option(tcp::no_delay{true}, ec);  // whole responses are written at once
  stream_socket any{std::move(socket)};
  notice_vanished_peer(any, options().write_timeout);
  const auto kept = std::min(max_kept_places, places() / 2);
  const bool is_full = connections_.size() + kept >= places();
  if (is_full) tell_that_it_is_full();
  const auto made =
      spawn<connection>(shard, std::move(any), surface_,
                        is_full ? connection::admission::turned_away : connection::admission::served);
  monitor(made);
  connections_.emplace(made.id(), made);
}

std::size_t acceptor::places() const {
  return surface_ == http_surface::api ? options().max_connections : options().max_admin_connections;
}

void acceptor::tell_that_it_is_full() {
  ++turned_away_;
  ++shared().counters.turned_away;
  if (told_at_ && io().now() - *told_at_ < full_warning_pause) return;
  spdlog::warn("{} connections are open{}: {} more were turned away", connections_.size(),
               surface_ == http_surface::api ? " (http.max_connections)" : " to the admin listener",
               turned_away_ - std::exchange(told_of_, turned_away_));
  told_at_ = io().now();
}

void acceptor::deadline_passed() {
  enter([this] { arm(); });
}

void acceptor::stop_accepting() {
  closing_ = true;
  boost::system::error_code ec;
  socket_.close(ec);
}

actor_status acceptor::describe() const {
  const auto phase = closing_ ? "closing" : is_paused() ? "paused" : waiting_ ? "accepting" : "full";
  return {phase,
          {{"connections", static_cast<std::int64_t>(connections_.size())},
           {"places", static_cast<std::int64_t>(places())},
           {"turned_away", static_cast<std::int64_t>(turned_away_)},
           {"oldest_wait_ms", 0}}};  // who waits to be accepted does so in the kernel
}

void acceptor::quit_if_done() {
  if (closing_ && connections_.empty()) quit();
}

}  // namespace sandbase
