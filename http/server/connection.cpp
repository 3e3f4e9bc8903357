#include "http/server/connection.hpp"

#include <boost/asio/post.hpp>

#include <span>

namespace sandbase {

namespace {

using namespace std::chrono_literals;

/// Steps after which other connections of the thread get their turn.
constexpr int max_steps_in_a_row = 64;
/// How long a client that still sends may take to see the last answer, byte by byte and in all.
constexpr auto linger_step = 5s;
constexpr auto linger_most = 30s;
/// The same at a shutdown.
constexpr auto drained_linger = 500ms;
/// For all that one who is turned away does: others need the place.
constexpr auto turned_away_patience = 1s;

}  // namespace

connection::connection(caf::actor_config& cfg, io_shard& shard, stream_socket socket, http_surface surface,
                       admission how)
    : asio_actor(cfg, shard.io),
      call(*this, shard),
      socket_(std::make_shared<stream_socket>(std::move(socket))),
      surface_(surface),
      how_(how),
      reader_(shard.shared.options.max_header_bytes, shard.shared.options.max_body_bytes) {
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
  head_begun_ = true;  // the first request has to come soon
  enter_phase(phase::head);
  head_begun_ = false;
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
  phase_ = phase::gone;
  boost::system::error_code ec;
  socket_->close(ec);
  if (stream_) caf::anon_send(stream_, stop_stream{});
  stream_ = nullptr;
  begin_anew();
  forget_answer();
  --shared().counters.connections;
}

/// The one place where the phase changes, and with it the deadline.
void connection::enter_phase(phase next) {
  phase_ = next;
  const bool endless = next == phase::streaming || next == phase::gone;  // a stream has its own
  deadline = endless ? io_thread::clock::time_point::max() : io().now() + patience();
  if (next == phase::lingering) deadline = std::min(deadline, lingers_until_);
}

std::chrono::milliseconds connection::patience() const {
  const auto& o = const_cast<connection*>(this)->options();
  switch (phase_) {
    case phase::head:
      if (how_ == admission::turned_away) return turned_away_patience;
      return head_begun_ ? o.header_timeout : o.idle_timeout;
    case phase::working:
      return handler_patience_;
    case phase::body:
      return o.body_timeout;
    case phase::writing:
      return o.write_timeout;
    case phase::lingering:
      return linger_step;
    case phase::streaming:
    case phase::gone:
      break;
  }
  return {};
}

/// Goes on as far as it can without waiting.
void connection::run() {
  for (int i = 0; i < max_steps_in_a_row; ++i)
    if (!step()) return;
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
  if (reader_.has_begun() && !head_begun_) {
    head_begun_ = true;
    enter_phase(phase::head);
  }
  if (there) {
    head_begun_ = false;
    begin_request();
    return true;
  }
  if (waiting_) {  // what is there wakes it
    if (drained_ && !head_begun_ && peek_now(*socket_) != io_state::done) close_now();
    return false;
  }
  const auto state = fill().state;
  if (state == io_state::blocked && drained_ && !head_begun_) begin_lingering();
  return state == io_state::done;
}

bool connection::read_body() {
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
  const auto [state, bytes] = write_now(*socket_, out_);
  if (state == io_state::closed) {
    close_now();
    return false;
  }
  if (state == io_state::blocked) {
    if (bytes > 0 || !stalls_since_) {
      enter_phase(phase::writing);
      stalls_since_ = io().now();
      client_stalls(*stalls_since_);
    }
    wait_for(stream_socket::wait_write);
    return false;
  }
  forget_answer();
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
  if (got.state == io_state::blocked) wait_for(stream_socket::wait_read);
  if (got.state == io_state::closed) close_now();
  return got;
}

void connection::wait_for(stream_socket::wait_type what) {
  if (waiting_) return;
  waiting_ = true;
  socket_->async_wait(what, handler([this](const boost::system::error_code& ec) {
                        waiting_ = false;
                        if (ec) return close_now();
                        run();
                      }));
}

/// The answer is written whole: on to the next request.
void connection::end_request() {
  begin_anew();
  reader_.next();
  enter_phase(phase::head);
  // A client sends its next request when it has this answer, so a read now would find nothing.
  reader_.shrink();
  if (reader_.is_drained() && !drained_) wait_for(stream_socket::wait_read);
}

/// Ends the connection so that the client gets to see the last answer: closing with unread input would reset
/// it.
void connection::begin_lingering() {
  begin_anew();
  forget_answer();
  const auto most = how_ == admission::turned_away ? std::chrono::milliseconds{turned_away_patience}
                    : drained_                     ? std::chrono::milliseconds{drained_linger}
                                                   : std::chrono::milliseconds{linger_most};
  lingers_until_ = io().now() + most;
  enter_phase(phase::lingering);
  boost::system::error_code ec;
  socket_->shutdown(stream_socket::shutdown_send, ec);
}

bool connection::linger() {
  if (fill().state != io_state::done) return false;
  enter_phase(phase::lingering);  // whoever still sends is given more time
  return true;
}

void connection::close_now() {
  if (phase_ == phase::gone) return;
  enter_phase(phase::gone);
  boost::system::error_code ec;
  socket_->close(ec);
  quit();
}

void connection::drain() {
  drained_ = true;
  if (phase_ == phase::head && !head_begun_) return run();  // ends unless a request is there
  // What its head says already is kept to.
  if (phase_ != phase::writing && phase_ != phase::streaming) exchange_.close = true;
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
