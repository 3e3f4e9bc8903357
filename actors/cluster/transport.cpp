// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/transport.hpp"

#include "actors/cluster/tls_scribe.hpp"

#include <caf/actor_cast.hpp>
#include <caf/deep_to_string.hpp>
#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <fmt/core.h>
#include <set>
#include <utility>

namespace sandbase {

namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

/// Connections accepted before others of the thread get their turn.
constexpr int max_accepts_in_a_row = 16;
/// How long to wait when the kernel has no descriptors or memory left.
constexpr std::chrono::seconds exhausted_pause{1};
/// For CAF's own handshake, on a connection that is open.
constexpr std::chrono::seconds greeting_time{1};

/// Errors of a single connection that died before it was accepted.
bool concerns_one_connection(const error_code& ec) {
  return ec == boost::asio::error::connection_aborted || ec == boost::asio::error::interrupted ||
         ec == boost::system::errc::protocol_error;
}

std::string address_of(const tcp::socket& socket) {
  error_code ec;
  const auto from = socket.remote_endpoint(ec);
  return ec ? "an unknown address" : format_link_address({from.address().to_string(), from.port()});
}

std::set<std::string> interface_of(caf::actor_system& system) {
  return system.message_types(caf::detail::type_list<peer_actor>{});
}

/// Of CAF's handshake. An error of code 0 has no category: CAF does not look before it reads that.
std::string sentence_of(const caf::error& e) {
  if (e && e.category() == caf::atom("system"))
    return "CAF says " + caf::to_string(static_cast<caf::sec>(e.code()));
  return to_failure(e).message;
}

}  // namespace

transport::transport(caf::actor_config& cfg, io_thread& io, tcp::acceptor listener, tls_context tls)
    : asio_actor(cfg, io),
      asio_(new asio_part{std::move(listener), boost::asio::steady_timer{io.context()}}),
      port_(asio_->listener.is_open() ? asio_->listener.local_endpoint().port() : std::uint16_t{0}),
      tls_(std::move(tls)),
      basp_(home_system().middleman().named_broker<caf::io::basp_broker>(caf::atom("BASP"))) {}

transport::behavior_type transport::make_behavior() {
  return {
      [this](const greet_with& message) {
        greeter_ = message.greeter;
        arm();
      },
      [this](const dial_peer& message) { return dial(message); },
      [this](const describe_actor&) { return describe(); },
  };
}

void transport::on_exit() {
  asio_ = nullptr;
  for (auto& one : incoming_) one.opening->cancel();
  for (auto& one : outgoing_) one->cancel();
  incoming_.clear();
  outgoing_.clear();
  if (greeter_)
    caf::anon_send(basp_, caf::unpublish_atom_v, caf::actor_cast<caf::actor_addr>(greeter_), port_);
  greeter_ = nullptr;
  basp_ = nullptr;
}

// --- links that others make ------------------------------------------------------------------------

void transport::arm() {
  if (waiting_ || is_paused_ || !greeter_ || !asio_->listener.is_open()) return;
  waiting_ = true;
  asio_->listener.async_wait(tcp::acceptor::wait_read, handler([this](const error_code& ec) {
                               waiting_ = false;
                               if (ec)
                                 pause(ec);
                               else
                                 accept_some();
                               arm();
                             }));
}

void transport::accept_some() {
  for (int i = 0; i < max_accepts_in_a_row; ++i) {
    error_code ec;
    auto socket = asio_->listener.accept(io().context(), ec);
    if (!ec) {
      add(std::move(socket));
      continue;
    }
    if (concerns_one_connection(ec)) continue;
    if (ec == boost::asio::error::would_block || ec == boost::asio::error::try_again) return;
    return pause(ec);
  }
}

void transport::pause(const error_code& why) {
  spdlog::warn("cannot accept links from other nodes now: {}", why.message());
  is_paused_ = true;
  asio_->pause.expires_after(exhausted_pause);
  asio_->pause.async_wait(handler([this](const error_code& cancelled) {
    if (cancelled) return;
    is_paused_ = false;
    arm();
  }));
}

void transport::add(tcp::socket socket) {
  if (incoming_.size() >= max_incoming) {
    auto& oldest = incoming_.front();
    oldest.opening->cancel();
    tell_refusal("a connection from " + oldest.address, "too many others have not finished their handshake");
    incoming_.pop_front();
  }
  auto address = address_of(socket);
  const auto at = incoming_.insert(incoming_.end(), {nullptr, std::move(address)});
  at->opening = link_opening::accept(
      std::move(socket), tls_, handler([this, at](result<open_link> all) { opened(at, std::move(all)); }));
}

void transport::opened(place at, result<open_link> opened) {
  const auto address = std::move(at->address);
  incoming_.erase(at);
  if (!opened)
    tell_refusal("a connection from " + address, opened.error().message);
  else
    greet(*std::move(opened));
}

void transport::greet(open_link link) {
  auto scribe = make_tls_scribe(home_system(), std::move(link), alive_);
  if (!scribe) return spdlog::warn("a link from another node was lost: {}", scribe.error().message);
  caf::anon_send(basp_, caf::publish_atom_v, *std::move(scribe), port_,
                 caf::actor_cast<caf::strong_actor_ptr>(greeter_), interface_of(home_system()));
}

// --- links that this node makes --------------------------------------------------------------------

caf::result<peer_dialed> transport::dial(const dial_peer& message) {
  sure_promise<peer_dialed> promise{this};
  const auto to = parse_link_address(message.address);
  if (!to || to->port == 0) {
    promise.fail(errc::invalid, fmt::format("`{}` is not HOST:PORT", message.address));
    return promise;
  }
  const auto at = outgoing_.insert(outgoing_.end(), nullptr);
  *at = link_opening::dial(io().context(), *to, tls_,
                           handler([this, at, address = message.address, promise](result<open_link> opened) {
                             outgoing_.erase(at);
                             dialed(address, promise, std::move(opened));
                           }));
  return promise;
}

void transport::dialed(const std::string& address, const sure_promise<peer_dialed>& promise,
                       result<open_link> opened) {
  if (opened) return shake_hands(address, promise, *std::move(opened));
  const auto& why = opened.error();
  if (why.code == errc::forbidden) tell_refusal("a link to " + address, why.message);
  promise.fail(errc::unavailable, fmt::format("there is no link to {}: {}", address, why.message));
}

void transport::shake_hands(const std::string& address, const sure_promise<peer_dialed>& promise,
                            open_link link) {
  const auto fail = [address, promise](std::string_view why) {
    promise.fail(errc::unavailable, fmt::format("there is no link to {}: {}", address, why));
  };
  auto scribe = make_tls_scribe(home_system(), std::move(link), alive_);
  if (!scribe) return fail(scribe.error().message);
  // What this asks (middleman_actor_impl of CAF) would connect by itself, and block.
  request(basp_, greeting_time, caf::connect_atom_v, *std::move(scribe), port_)
      .then(
          [this, promise, fail](const caf::node_id& node, const caf::strong_actor_ptr& peer,
                                const std::set<std::string>& speaks) {
            if (node == home_system().node()) return fail("it is this node itself");
            if (!peer || !home_system().assignable(speaks, interface_of(home_system())))
              return fail("it has nobody there who takes links");
            promise.deliver({caf::actor_cast<peer_actor>(peer)});
          },
          [fail](const caf::error& e) { fail(sentence_of(e)); });
}

// --- both ------------------------------------------------------------------------------------------

void transport::tell_refusal(std::string_view whom, std::string_view why) {
  if (const auto line = refusals_.refused(whom, why, std::chrono::steady_clock::now()))
    spdlog::warn("{}", *line);
}

actor_status transport::describe() const {
  const auto phase = is_paused_ ? "paused" : greeter_ ? "accepting" : "dialing";
  return {phase,
          {{"links", static_cast<std::int64_t>(alive_->load())},
           {"incoming", static_cast<std::int64_t>(incoming_.size())},
           {"outgoing", static_cast<std::int64_t>(outgoing_.size())},
           {"refused", static_cast<std::int64_t>(refusals_.count())},
           {"oldest_wait_ms", 0}}};  // a deadline ends each
}

}  // namespace sandbase
