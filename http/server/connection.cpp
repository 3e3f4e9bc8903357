#include "http/server/connection.hpp"

#include "http/io/socket_io.hpp"

#include <boost/asio/post.hpp>

#include <span>

namespace sandbase {

namespace {

/// Steps after which other connections of the thread get their turn.
constexpr int max_steps_in_a_row = 64;
/// Input that is thrown away behind a last answer.
constexpr std::size_t max_lingered_bytes = 64 * 1024 * 1024;
/// Input kept in memory between requests.
constexpr std::size_t max_idle_capacity = 4 * 1024;

}  // namespace

connection::connection(caf::actor_config& cfg, io_shard& worker, stream_socket socket, http_surface surface)
    : asio_actor(cfg, worker.io),
      worker_(worker),
      socket_(std::make_shared<stream_socket>(std::move(socket))),
      surface_(surface) {
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
  expire_in(shared().options.header_timeout);
  boost::asio::post(io().context(), handler([this, ec] { ec ? close_now() : run(); }));
  return {
      [this](const stream_done& done) {
        if (phase_ != phase::streaming) return;
        exchange_.close = exchange_.close || !done.keep_alive;
        phase_ = phase::working;
        if (done.error.code != errc::none) {
          fail(done.error);
        } else if (done.keep_alive) {
          end_request();
        } else {
          begin_lingering();
        }
        run();
      },
      [this](const begin_drain&) { drain(); },
      [this](const abort_now&) { close_now(); },
  };
}

void connection::on_exit() {
  unlink();
  phase_ = phase::gone;
  ++number_;
  boost::system::error_code ec;
  socket_->close(ec);
  if (stream_) caf::anon_send(stream_, stop_stream{});
  stream_ = nullptr;
  exchange_ = {};
  out_.clear();
  --shared().counters.connections;
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
  // A blank line before a request is skipped: RFC 9112, section 2.2.
  while (in_.compare(used_, 2, "\r\n") == 0) used_ += 2, searched_ = 0;
  std::string_view input = std::string_view{in_}.substr(used_);
  if (!input.empty() && !head_begun_) {
    head_begun_ = true;
    expire_in(shared().options.header_timeout);
  }
  if (const auto size = find_head(input, searched_)) {
    searched_ = 0;
    used_ += size;
    head_begun_ = false;
    if (size <= shared().options.max_header_bytes) {
      begin_request(input.substr(0, size));
      return true;
    }
  }
  if (input.size() > shared().options.max_header_bytes) {
    begin_request({});
    return true;
  }
  if (waiting_) {  // what is there wakes it
    if (drained_ && !head_begun_ && peek_now(*socket_) != io_state::done) close_now();
    return false;
  }
  const auto state = fill();
  if (state == io_state::blocked && drained_ && !head_begun_) begin_lingering();
  return state == io_state::done;
}

bool connection::read_body() {
  take_body();
  if (phase_ != phase::body) return true;
  return fill() == io_state::done;
}

bool connection::write() {
  const auto [state, bytes] = write_now(*socket_, out_);
  if (state == io_state::closed) {
    close_now();
    return false;
  }
  if (state == io_state::blocked) {
    if (bytes > 0) expire_in(shared().options.write_timeout);
    wait_for(stream_socket::wait_write);
    return false;
  }
  if (exchange_.close) {
    begin_lingering();
  } else {
    end_request();
  }
  return true;
}

/// Reads what is there behind what is not yet used. Waits if nothing is, closes at the end.
io_state connection::fill() {
  forget_used_input();
  const auto [state, bytes] = read_now(*socket_, std::span{worker_.scratch});
  if (state == io_state::done) in_.append(worker_.scratch, 0, bytes);
  if (state == io_state::blocked) wait_for(stream_socket::wait_read);
  if (state == io_state::closed) close_now();
  return state;
}

void connection::forget_used_input() {
  in_.erase(0, used_);
  used_ = 0;
  if (in_.empty() && in_.capacity() > max_idle_capacity) in_ = {};
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
  ++number_;
  exchange_ = {};
  phase_ = phase::head;
  head_begun_ = false;
  expire_in(shared().options.idle_timeout);
  // A client sends its next request when it has this answer, so a read now would find nothing.
  forget_used_input();
  if (in_.empty() && !drained_) wait_for(stream_socket::wait_read);
}

/// Ends the connection so that the client gets to see the last answer:
/// closing with unread input would reset it.
void connection::begin_lingering() {
  ++number_;
  exchange_ = {};
  out_.clear();
  phase_ = phase::lingering;
  lingered_ = 0;
  expire_in(drained_ ? std::min(shared().options.linger_timeout, std::chrono::milliseconds{500})
                     : shared().options.linger_timeout);
  boost::system::error_code ec;
  socket_->shutdown(stream_socket::shutdown_send, ec);
}

bool connection::linger() {
  in_.clear();
  used_ = 0;
  if (fill() != io_state::done) return false;
  lingered_ += in_.size();
  if (lingered_ <= max_lingered_bytes) return true;
  close_now();
  return false;
}

void connection::close_now() {
  if (phase_ == phase::gone) return;
  phase_ = phase::gone;
  deadline = io_thread::clock::time_point::max();
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

void connection::set_deadline(std::chrono::milliseconds after, failure otherwise) {
  expire_in(std::min(after, shared().options.request_timeout));
  on_deadline_ = std::move(otherwise);
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
