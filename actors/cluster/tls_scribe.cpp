// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/tls_scribe.hpp"

#include <caf/io/middleman.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/native_socket.hpp>
#include <caf/io/network/operation.hpp>
#include <caf/io/network/rw_state.hpp>
#include <caf/io/network/stream.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sandbase {

namespace {

using caf::io::network::native_socket;
using caf::io::network::operation;
using caf::io::network::rw_state;

/// How a stream of CAF reads and writes.
class tls_policy {
 public:
  explicit tls_policy(std::unique_ptr<tls_session> session) : session_(std::move(session)) {
    session_->read_ahead();
  }

  rw_state read_some(std::size_t& count, native_socket, void* to, std::size_t size) {
    count = 0;
    return state_of(session_->read(to, size, count));
  }
  rw_state write_some(std::size_t& count, native_socket, const void* from, std::size_t size) {
    count = 0;
    if (size == 0) return rw_state::indeterminate;
    const auto step = session_->write(from, size, count);
    return step == tls_step::ended && !tells_failures_ ? rw_state::success : state_of(step);
  }
  /// Otherwise a write that fails only waits, and the next one fails too.
  void tell_failures(bool tells) { tells_failures_ = tells; }
  // What TLS holds already the multiplexer would not be woken for.
  bool must_read_more(native_socket, std::size_t) { return session_->may_have_more(); }

 private:
  // To wait is a success without bytes.
  static rw_state state_of(tls_step step) {
    return step == tls_step::ended ? rw_state::failure : rw_state::success;
  }

  std::unique_ptr<tls_session> session_;
  bool tells_failures_ = true;
};

class tls_stream final : public caf::io::network::stream {
 public:
  tls_stream(caf::io::network::default_multiplexer& io, native_socket socket,
             std::unique_ptr<tls_session> session)
      : stream(io, socket), policy_(std::move(session)) {}

  void handle_event(operation op) override { handle_event_impl(op, policy_); }

  /// Writes what the socket takes, without a turn of the multiplexer for it. Whoever flushes is in the middle
  /// of a message: that the link has ended must not be told to it then.
  void flush_at_once(const manager_ptr& to) {
    const bool was_writing = state_.writing;
    flush(to);
    if (was_writing || !state_.writing) return;
    policy_.tell_failures(false);
    handle_event(operation::write);
    policy_.tell_failures(true);
    // Nobody has seen it in the loop: who waits there would keep it, and itself, for good.
    if (!state_.writing) removed_from_loop(operation::write);
  }

 private:
  tls_policy policy_;
};

/// Not the descriptor, as CAF has it: that of a connection that is being cleaned up may be another one's by
/// now.
caf::io::connection_handle next_handle() {
  static std::atomic<std::int64_t> last{std::int64_t{1} << 32};
  return caf::io::connection_handle::from_int(++last);
}

class tls_scribe final : public caf::io::scribe {
 public:
  tls_scribe(caf::io::network::default_multiplexer& io, native_socket socket,
             std::unique_ptr<tls_session> session, std::shared_ptr<std::atomic<std::size_t>> alive)
      : scribe(next_handle()), alive_(std::move(alive)), stream_(io, socket, std::move(session)) {
    ++*alive_;
  }
  ~tls_scribe() override { --*alive_; }

  void configure_read(caf::io::receive_policy::config config) override {
    stream_.configure_read(config);
    if (std::exchange(is_launched_, true)) return;
    stream_.start(this);
  }
  void ack_writes(bool enable) override { stream_.ack_writes(enable); }
  std::vector<char>& wr_buf() override { return stream_.wr_buf(); }
  std::vector<char>& rd_buf() override { return stream_.rd_buf(); }
  void flush() override { stream_.flush_at_once(this); }
  void graceful_shutdown() override {
    stream_.graceful_shutdown();
    detach(&stream_.backend(), false);
  }
  void add_to_loop() override { stream_.activate(this); }
  void remove_from_loop() override { stream_.passivate(); }
  std::string addr() const override {
    const auto known = caf::io::network::remote_addr_of_fd(stream_.fd());
    return known ? *known : std::string{};
  }
  std::uint16_t port() const override {
    const auto known = caf::io::network::remote_port_of_fd(stream_.fd());
    return known ? *known : std::uint16_t{0};
  }

 private:
  std::shared_ptr<std::atomic<std::size_t>> alive_;
  bool is_launched_ = false;
  tls_stream stream_;
};

}  // namespace

result<caf::io::scribe_ptr> make_tls_scribe(caf::actor_system& system, open_link link,
                                            std::shared_ptr<std::atomic<std::size_t>> alive) {
  auto& io = static_cast<caf::io::network::default_multiplexer&>(system.middleman().backend());
  boost::system::error_code ec;
  // The stream closes it.
  const auto socket = link.socket.release(ec);
  if (ec) return {errc::unavailable, ec.message()};
  return caf::io::scribe_ptr{
      caf::make_counted<tls_scribe>(io, socket, std::move(link.session), std::move(alive))};
}

}  // namespace sandbase
