// SPDX-License-Identifier: Apache-2.0
#include "http/server/connection.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <span>
#include <utility>

namespace sandbase {

namespace {

/// Steps after which other connections of the thread get their turn, and bytes of an answer in one: together
/// less than 5 ms. A step of reading is one read into the thread's scratch.
constexpr int max_steps_in_a_row = 8;
constexpr std::size_t max_bytes_a_step = 128 * 1024;

}  // namespace

connection::connection(caf::actor_config& cfg, io_shard& shard, stream_socket socket, http_surface surface,
                       admission how)
    : asio_actor(cfg, shard.io),
      call(*this, shard),
      socket_(std::make_shared<stream_socket>(std::move(socket))),
      surface_(surface),
      reader_(shard.shared.options.max_header_bytes, shard.shared.options.max_body_bytes) {
  at_.turned_away = how == admission::turned_away;
  at_.head_begun = true;  // the first request has to come soon
  ++shared().counters.connections;
}

connection::behavior_type connection::make_behavior() {
  io().watch(*this);
  // Its stream has failed.
  set_down_handler([this](caf::down_msg& down) {
    if (down.source == stream_) close_now();
  });
  boost::system::error_code ec;
  socket_->non_blocking(true, ec);
  enter_phase(phase::head);
  at_.head_begun = false;
  boost::asio::post(io().context(), handler([this, ec] { ec ? close_now() : run(); }));
  return {
      [this](const stream_done& done) {
        if (phase_ == phase::streaming) stream_ended(done);
      },
      [this](const begin_drain&) { drain(); },
      [this](const abort_now&) { close_now(); },
  };
}

void connection::on_exit() {
  io_thread::watched::unlink();
  settle_receipt();
  phase_ = phase::gone;
  boost::system::error_code ec;
  socket_->close(ec);
  if (stream_) caf::anon_send(stream_, stop_stream{});
  stream_ = nullptr;
  tell_end(exchange_.status == 0 ? "unanswered" : "cut_off");
  on_piece_ = nullptr;
  begin_anew();
  forget_answer();
  --shared().counters.connections;
}

/// The one place where the phase changes, and with it the deadline.
void connection::enter_phase(phase next) {
  phase_ = next;
  deadline = at_.deadline(next, io().now(), options());
}

/// Goes on as far as it can without waiting.
void connection::run() {
  // An answer may be there at once: were it to go on by itself, pipelined requests would stand on each
  // other's stack frames.
  if (std::exchange(running_, true)) return;
  int steps = 0;
  while (steps < max_steps_in_a_row && step()) ++steps;
  running_ = false;
  if (steps < max_steps_in_a_row) return;
  boost::asio::post(io().context(), handler([this] { run(); }));
}

/// @returns whether there is more to do now
bool connection::step() {
  switch (phase_) {
    case phase::head:
      return read_head();
    case phase::body:
      return read_body();
    case phase::writing:
      return write();
    case phase::lingering:
      return linger();
    case phase::working:
    case phase::streaming:
    case phase::gone:
      return false;
  }
  return false;
}

bool connection::read_head() {
  const bool there = reader_.read_head() != request_reader::state::head;
  if (reader_.has_begun() && !at_.head_begun) {
    at_.head_begun = true;
    enter_phase(phase::head);
  }
  if (there || reader_.has_begun()) settle_receipt(true);
  if (there) {
    at_.head_begun = false;
    begin_request();
    return true;
  }
  if (waits_to_read_) {  // what is there wakes it
    if (!at_.drained || at_.head_begun || peek_now(*socket_) == io_state::done) return false;
    // The last answer is given the time to arrive.
    const bool is_on_its_way = client_ && look() == receipt::state::open;
    is_on_its_way ? begin_lingering() : close_now();
    return false;
  }
  const auto state = fill().state;
  if (state == io_state::blocked && at_.drained && !at_.head_begun) begin_lingering();
  return state == io_state::done;
}

bool connection::read_body() {
  if (on_piece_) return read_piece();
  if (reader_.read_body() != request_reader::state::body) {
    body_is_there();
    return true;
  }
  if (exchange_.lease) {
    if (auto room = lease_body(*exchange_.lease, reader_.body().size()); !room) {
      enter_phase(phase::working);
      fail(room.error());
      return true;
    }
  }
  return fill().state == io_state::done;
}

bool connection::write() {
  const auto [state, bytes, broken] = write_now(*socket_, out_, max_bytes_a_step);
  if (access_) access_->bytes_out += bytes;
  if (state == io_state::closed) {
    broken_ = broken;
    close_now();
    return false;
  }
  if (state == io_state::blocked) {
    if (bytes > 0 || !stalls_since_) {
      enter_phase(phase::writing);
      stalls_since_ = io().now();
      client_stalls(*stalls_since_);
    }
    wait_to_write();
    return false;
  }
  if (!out_.empty()) {
    stalls_since_.reset();
    client_takes();
    enter_phase(phase::writing);
    return true;
  }
  answered_ = true;
  forget_answer();
  tell_end("done");
  if (exchange_.close) {
    begin_lingering();
  } else {
    end_request();
  }
  return true;
}

/// The answer is written, or will never be.
void connection::forget_answer() {
  out_.clear();
  stalls_since_.reset();
  client_takes();
  give_room_back();
}

/// Reads what is there. Waits if nothing is, closes at the end.
io_outcome connection::fill() {
  const auto got = read_now(*socket_, std::span{shard().scratch});
  if (got.state == io_state::done && phase_ != phase::lingering)
    reader_.feed(std::string_view{shard().scratch}.substr(0, got.bytes));
  // Not to keep what may be erased: who reads next may read less.
  std::fill_n(shard().scratch.begin(), got.bytes, '\0');
  if (got.state == io_state::blocked) wait_to_read();
  if (got.state == io_state::closed) {
    broken_ = got.broken;
    close_now();
  }
  return got;
}

void connection::wait_to_read() {
  if (std::exchange(waits_to_read_, true)) return;
  socket_->async_wait(stream_socket::wait_read, handler([this](const boost::system::error_code& ec) {
                        waits_to_read_ = false;
                        if (ec || hangs_up()) return close_now();
                        run();
                      }));
}

void connection::wait_to_write() {
  if (std::exchange(waits_to_write_, true)) return;
  socket_->async_wait(stream_socket::wait_write, handler([this](const boost::system::error_code& ec) {
                        waits_to_write_ = false;
                        if (ec) return close_now();
                        run();
                      }));
}

/// Whether nobody waits any more for the POST that is worked on: the end of what the client sends has come.
/// Of one that sends on it cannot be seen.
bool connection::hangs_up() {
  return phase_ == phase::working && exchange_.client && peek_now(*socket_) == io_state::closed;
}

/// The answer is written whole: on to the next request.
void connection::end_request() {
  begin_anew();
  reader_.next();
  enter_phase(phase::head);
  // A client sends its next request when it has this answer, so a read now would find nothing.
  reader_.shrink();
  if (reader_.is_drained() && !at_.drained) wait_to_read();
}

/// Ends the connection so that the client gets to see the last answer: closing with unread input would reset
/// it.
void connection::begin_lingering() {
  begin_anew();
  forget_answer();
  at_.lingers_until = at_.end_of_lingering(io().now());
  enter_phase(phase::lingering);
  boost::system::error_code ec;
  socket_->shutdown(stream_socket::shutdown_send, ec);
}

bool connection::linger() {
  if (fill().state != io_state::done) return false;
  enter_phase(phase::lingering);  // whoever still sends is given more time
  return true;
}

/// The last POST's answer, as far as it will ever be known: a request came behind it, or the connection ends.
void connection::settle_receipt(bool request_behind) {
  if (!client_) return;
  const bool is_taken = request_behind || look() == receipt::state::taken;
  std::exchange(client_, nullptr)->settle(is_taken ? receipt::state::taken : receipt::state::lost);
}

receipt::state connection::look() {
  if (broken_ || was_reset(*socket_)) return receipt::state::lost;
  // Behind the last answer our FIN may be on its way.
  const std::size_t fin = phase_ == phase::lingering ? 1 : 0;
  return answered_ && unacknowledged(*socket_) <= fin ? receipt::state::taken : receipt::state::open;
}

void connection::close_now() {
  if (phase_ == phase::gone) return;
  settle_receipt();
  enter_phase(phase::gone);
  boost::system::error_code ec;
  socket_->close(ec);
  quit();
}

void connection::drain() {
  at_.drained = true;
  if (phase_ == phase::head && !at_.head_begun) return run();  // ends unless a request is there
  // What its head says already is kept to.
  if (phase_ != phase::writing && phase_ != phase::streaming) exchange_.close = true;
  if (phase_ == phase::lingering) {
    at_.lingers_until = std::min(at_.lingers_until, at_.end_of_lingering(io().now()));
    enter_phase(phase::lingering);
  }
  if (stream_) caf::anon_send(stream_, begin_drain{});
}

/// Others need the room that its answer takes.
void connection::cut_off() {
  enter([this] { close_now(); });
}

void connection::deadline_passed() {
  enter([this] {
    if (phase_ != phase::working) return close_now();
    exchange_.close = true;
    fail(on_deadline_);
    run();
  });
}

}  // namespace sandbase
