#include "http/stream/follow_stream.hpp"

#include "actors/errors.hpp"
#include "http/io/socket_io.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace sandbase {

namespace {

/// How often a session is looked for again without a byte of progress in between.
constexpr int max_tries = 5;

/// Bytes that the kernel keeps for a client beyond what its window takes.
constexpr int max_unsent = 128 * 1024;

/// Differs from stream to stream, so that a restart is no stampede.
std::chrono::milliseconds retry_delay() { return std::chrono::milliseconds{1000 + random_bits() % 4001}; }

}  // namespace

follow_stream::follow_stream(caf::actor_config& cfg, io_shard& worker, follow_job job)
    : asio_actor(cfg, worker.io), slice_room(worker), job_(std::move(job)), writer_(std::move(job_.plan)) {}

follow_stream::behavior_type follow_stream::make_behavior() {
  io().watch(*this);
  limit_unsent(*job_.socket, max_unsent);
  worker_.streams->watch_key(job_.key->id);
  const auto max_age = worker_.shared.options.stream_max_age;
  if (max_age.count() > 0) rotate_at_ = io().now() + max_age;
  find_session();
  watch_client();
  return {
      [this](const stop_stream&) {
        rest();
        quit();
      },
      [this](const begin_drain&) {
        draining_ = true;
        if (step_ == step::live && !waiting_) go_on();
      },
  };
}

void follow_stream::on_exit() {
  rest();
  io_thread::watched::unlink();
  job_ = {};
  give_room_back();
  farewell_.reset();
}

/// Takes no further part in anything.
void follow_stream::rest() {
  if (step_ == step::over) return;
  step_ = step::over;
  stop_waiting_for_room();
  stalled_stream::unlink();
  worker_.streams->release_key(job_.key->id);
  deadline = io_thread::clock::time_point::max();
  leave_session();
}

void follow_stream::leave_session() {
  if (session_) worker_.streams->leave(*this, session_, following_);
  live_stream::unlink();
  session_ = nullptr;
  following_ = false;
}

// --- the session -----------------------------------------------------------------------

void follow_stream::find_session() {
  step_ = step::finding;
  deadline = io().now() + worker_.shared.options.request_timeout;
  if (!is_valid_id(job_.session.id)) return refused({errc::not_found, "session not found"});
  if (++tries_ > max_tries) return refused({errc::unavailable, "the session's owner is gone, try again"});
  request(worker_.shared.directory, caf::infinite, lookup_request{job_.session.workspace, job_.session.id})
      .then(
          [this](const lookup_answer& answer) {
            if (step_ != step::finding) return;
            session_ = answer.session;
            worker_.streams->join(*this, session_);
            ask();
          },
          [this](const caf::error& e) {
            if (step_ == step::finding) refused(to_failure(e));
          });
}

void follow_stream::on_session_down() {
  enter([this] {
    session_ = nullptr;
    following_ = false;
    if (step_ == step::live && !waiting_) go_on();
  });
}

/// Asks for what comes next, once its bytes have found room.
void follow_stream::ask() {
  if (!session_) {  // it went while this waited for room
    stop_waiting_for_room();
    return find_session();
  }
  if (!take_room(std::max(follow_slice_bytes, last_held_))) {
    if (step_ != step::needs_bytes) give_up_at_ = io().now() + worker_.shared.options.request_timeout;
    step_ = step::needs_bytes;
    deadline = io().now() + io_thread::tick;
    return;
  }
  step_ = step::asking;
  deadline = io().now() + worker_.shared.options.request_timeout;
  const auto on_answer = [this](const pull_answer& answer) {
    if (step_ == step::asking) answered(answer);
  };
  const auto on_error = [this](const caf::error& e) {
    if (step_ != step::asking) return;
    give_room_back();
    if (!is_receiver_down(e)) return refused(to_failure(e));
    leave_session();
    find_session();
  };
  if (following_) {
    request(session_, caf::infinite, writer_.next_pull()).then(on_answer, on_error);
    return;
  }
  open_request open;
  open.max_bytes = follow_slice_bytes;
  open.follower = worker_.streams->handle();
  open.tell_cursor = true;
  if (!opened_) {
    open.after = job_.after;
    open.from_end = job_.from_end;
  } else if (!writer_.cursor_id().empty()) {
    open.after = {{"cursor", writer_.cursor_id()}};
  }
  following_ = true;
  reopening_ = opened_;
  request(session_, caf::infinite, std::move(open)).then(on_answer, on_error);
}

void follow_stream::answered(const pull_answer& answer) {
  if (!opened_) {
    if (auto good = writer_.opened(answer); !good) return refused(good.error());
    opened_ = true;
    job_.after = {};
  } else if (std::exchange(reopening_, false)) {
    writer_.reopened(answer);
  } else {
    writer_.pulled(answer);
  }
  lean_ = false;
  last_held_ = answer.slice.held_bytes();
  keep_room(std::max(writer_.out().bytes(), last_held_));
  write();
}

void follow_stream::refused(const failure& why) {
  stop_waiting_for_room();
  give_room_back();
  if (!opened_) return finish(why);
  if (why.code != errc::not_found) spdlog::warn("a live stream of {} ends: {}", job_.session.id, why.message);
  writer_.failed(why);
  write();
}

// --- the socket ------------------------------------------------------------------------

void follow_stream::write() {
  step_ = step::writing;
  const auto [state, bytes] = write_now(*job_.socket, writer_.out());
  if (state == io_state::closed) return finish({});
  if (state == io_state::blocked) return wait_writable(bytes > 0);
  tries_ = 0;
  give_room_back();
  go_on();
}

void follow_stream::wait_writable(bool progress) {
  if (progress || !waiting_) {
    give_up_at_ = io().now() + worker_.shared.options.write_timeout;
    deadline = std::min(io().now() + io_shard::patience, give_up_at_);
    if (!lean_) stall();
  }
  if (std::exchange(waiting_, true) && !progress) return;
  job_.socket->async_wait(stream_socket::wait_write, handler([this](const boost::system::error_code& ec) {
                            if (step_ == step::over) return;
                            if (ec) return finish({});
                            waiting_ = false;
                            stalled_stream::unlink();
                            write();
                          }));
}

/// Others may ask for the room that it holds, or do already.
void follow_stream::stall() {
  stalled_since = io().now();
  stalled_stream::unlink();
  worker_.stalled.push_back(*this);
  if (room_is_short()) shed();
}

/// Keeps no more for a client that takes nothing than it must.
void follow_stream::shed() {
  if (std::exchange(lean_, true)) return;
  stalled_stream::unlink();
  writer_.shed();
  keep_room(writer_.out().bytes());
}

void follow_stream::room_was_made() {
  boost::asio::post(io().context(), handler([this] {
                      if (step_ == step::needs_bytes) ask();
                    }));
}

void follow_stream::give_up() {
  boost::asio::post(io().context(), handler([this] {
                      if (step_ != step::over && waiting_) shed();
                    }));
}

/// The socket is free: what comes next?
void follow_stream::go_on() {
  if (writer_.finished()) return finish({});
  if (draining_) return close_with("shutdown");
  if (ends_as_ == log_state::deleted) {
    if (writer_.cursor() == nudged_ && farewell_)
      writer_.deleted(*farewell_);
    else
      writer_.failed({errc::not_found, "the session was deleted before all of it was read"});
    return write();
  }
  if (!session_) return find_session();
  if (!writer_.is_live() || writer_.cursor() < nudged_) return ask();
  if (ends_as_ != log_state::open) {
    writer_.ended();
    return write();
  }
  step_ = step::live;
  deadline = std::min(io().now() + worker_.shared.options.stream_heartbeat, rotate_at_);
}

void follow_stream::close_with(std::string_view reason) {
  writer_.closing(reason, retry_delay());
  write();
}

void follow_stream::finish(failure error) {
  const bool keep_alive = writer_.finished() && writer_.out().empty() && writer_.keeps_connection();
  send(job_.reply_to, replay_done{std::move(error), keep_alive});
  rest();
  quit();
}

/// Notices that the client has gone. What it sends is left in the kernel for the request after this one. An
/// end behind that cannot be seen; it resets the connection when something is written.
void follow_stream::watch_client() {
  job_.socket->async_wait(stream_socket::wait_read, handler([this](const boost::system::error_code& ec) {
                            if (step_ == step::over) return;
                            if (ec) return finish({});
                            const auto state = peek_now(*job_.socket);
                            if (state == io_state::closed) return finish({});
                            if (state == io_state::blocked) return watch_client();
                            job_.socket->async_wait(stream_socket::wait_error,
                                                    handler([this](const boost::system::error_code& failed) {
                                                      if (step_ == step::over) return;
                                                      if (failed || is_broken(*job_.socket)) finish({});
                                                    }));
                          }));
}

// --- what happens ------------------------------------------------------------------------

void follow_stream::on_published(const publication& p) {
  enter([&] {
    if (step_ == step::over) return;
    nudged_ = std::max(nudged_, p.end());
    if (p.state() != log_state::open) ends_as_ = p.state();
    if (p.farewell()) farewell_ = p.farewell();
    if (step_ != step::live || waiting_) return;  // it pulls when it gets there
    if (p.chunk() && writer_.passes_whole(p.slice(), p.turn_end())) return write_chunk(p);
    if (!writer_.published(p.slice())) return go_on();
    if (writer_.out().empty()) return go_on();
    lean_ = false;
    write();
  });
}

/// The short way of an event that every such stream gets in the same bytes.
void follow_stream::write_chunk(const publication& p) {
  const auto bytes = writer_.chunked() ? std::string_view{*p.chunk()} : p.frames();
  boost::system::error_code ec;
  const auto n = job_.socket->write_some(boost::asio::buffer(bytes.data(), bytes.size()), ec);
  if (ec && ec != boost::asio::error::would_block) return finish({});
  if (n == 0) {
    step_ = step::writing;  // not taken: it will be pulled
    return wait_writable(true);
  }
  writer_.passed_whole(p.slice());
  if (n == bytes.size()) {
    deadline = std::min(io().now() + worker_.shared.options.stream_heartbeat, rotate_at_);
    return;
  }
  writer_.out().add(bytes.substr(n), p.chunk());
  lean_ = true;  // the rest is shared by all that stall here
  step_ = step::writing;
  wait_writable(true);
}

void follow_stream::on_previewed(const previewed& p) {
  enter([&] {
    if (step_ == step::over) return;
    if (p.gap) writer_.missed_previews();
    const bool ready = step_ == step::live && !waiting_;
    for (const auto& what : p.what) {
      if (ready)
        writer_.previewed(*what, p.end);
      else
        writer_.missed_preview(*what);
    }
    if (ready && !writer_.out().empty()) write();
  });
}

void follow_stream::on_key_revoked(api_key_id key) {
  enter([&] {
    if (step_ == step::over || job_.key->id != key) return;
    if (!opened_) return finish({errc::unauthorized, "this API key is revoked"});
    if (waiting_) return finish({});  // half a frame is out: nothing can follow it
    writer_.failed({errc::unauthorized, "this API key is revoked"});
    write();
  });
}

void follow_stream::deadline_passed() {
  enter([this] {
    switch (step_) {
      case step::over:
        return;
      case step::needs_bytes:
        if (io().now() < give_up_at_) return ask();
        return refused({errc::unavailable, "too many bytes are on their way to slow readers, try again"});
      case step::writing:
        if (io().now() >= give_up_at_) return finish({});  // the client takes nothing
        shed();
        deadline = give_up_at_;
        return;
      case step::finding:
      case step::asking:
        return refused({errc::unavailable, "the session did not answer in time"});
      case step::live:
        if (io().now() >= rotate_at_) return close_with("max_age");
        writer_.heartbeat();
        return write();
    }
  });
}

}  // namespace sandbase
