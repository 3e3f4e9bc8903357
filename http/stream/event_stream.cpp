#include "http/stream/event_stream.hpp"

#include "http/io/session_client.hpp"
#include "http/io/socket_io.hpp"

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace sandbase {

event_stream::behavior_type event_stream::make_behavior() {
  io().watch(*this);
  return {
      [this](const replay_job& job) { begin(job); },
      [this](const stop_stream&) { quit(); },
  };
}

void event_stream::on_exit() {
  io_thread::watched::unlink();
  stalled_stream::unlink();
  stop_waiting_for_room();
  job_.reset();
  writer_.reset();
  give_room_back();
}

void event_stream::begin(const replay_job& job) {
  job_ = job;
  writer_.emplace(job.plan);
  opened_ = false;
  ++worker_.shared.counters.replays;
  go_on();
}

void event_stream::go_on() {
  give_up_at_ = io().now() + worker_.shared.options.request_timeout;
  ask();
}

/// Asks for the next slice, once its bytes have found room.
void event_stream::ask() {
  if (!take_room(replay_slice_bytes)) {
    step_ = step::needs_bytes;
    deadline = io().now() + io_thread::tick;
    return;
  }
  step_ = step::asking;
  deadline = io().now() + worker_.shared.options.request_timeout;
  if (opened_) {
    pull();
  } else {
    open();
  }
}

void event_stream::open() {
  open_request request;
  request.after = job_->after;
  request.from_end = job_->from_end;
  request.max_bytes = job_->plan.head_only ? 1 : replay_slice_bytes;
  ask_session<pull_answer>(this, worker_, job_->session, request,
                           [this, round = ++round_](const result<pull_answer>& answer) {
                             if (round == round_) answered(answer);
                           });
}

void event_stream::pull() {
  ask_session<pull_answer>(this, worker_, job_->session, writer_->next_pull(),
                           [this, round = ++round_](const result<pull_answer>& answer) {
                             if (round == round_) answered(answer);
                           });
}

void event_stream::answered(const result<pull_answer>& answer) {
  deadline = io_thread::clock::time_point::max();
  if (opened_) {
    if (answer) {
      writer_->pulled(*answer);
    } else {
      writer_->failed(answer.error());
    }
  } else {
    auto good = answer ? writer_->opened(*answer) : result<void>{answer.error()};
    if (!good) return finish(good.error(), true);
    opened_ = true;
  }
  if (writer_->cut_short())
    spdlog::error("{}: replay of {} cut short: {}", job_->plan.request_id, job_->session.id,
                  answer ? "the session's answer makes no sense" : answer.error().message);
  keep_room(std::max(writer_->out().bytes(), answer ? answer->slice.held_bytes() : 0));
  write();
}

void event_stream::write() {
  step_ = step::writing;
  const auto [state, bytes] = write_now(*job_->socket, writer_->out());
  if (state == io_state::closed) return finish({}, false);
  if (state == io_state::blocked) {
    if (bytes > 0 || deadline == io_thread::clock::time_point::max()) stall();
    job_->socket->async_wait(stream_socket::wait_write,
                             handler([this, round = round_](const boost::system::error_code& ec) {
                               if (round != round_ || step_ != step::writing) return;
                               if (ec) return finish({}, false);
                               write();
                             }));
    return;
  }
  stalled_stream::unlink();
  give_room_back();
  if (writer_->finished()) return finish({}, writer_->keeps_connection());
  go_on();
}

/// From now on the client takes nothing.
void event_stream::stall() {
  deadline = io().now() + worker_.shared.options.write_timeout;
  stalled_since = io().now();
  stalled_stream::unlink();
  worker_.stalled.push_back(*this);
}

void event_stream::give_up() {
  boost::asio::post(io().context(), handler([this, round = round_, since = stalled_since] {
                      if (round == round_ && step_ == step::writing && since == stalled_since)
                        finish({}, false);
                    }));
}

void event_stream::finish(failure error, bool keep_alive) {
  stalled_stream::unlink();
  deadline = io_thread::clock::time_point::max();
  step_ = step::idle;
  ++round_;
  stop_waiting_for_room();
  give_room_back();
  send(job_->reply_to, replay_done{std::move(error), keep_alive});
  writer_.reset();
  job_.reset();
}

void event_stream::room_was_made() {
  boost::asio::post(io().context(), handler([this] {
                      if (step_ == step::needs_bytes) ask();
                    }));
}

void event_stream::deadline_passed() {
  enter([this] {
    const bool patient = step_ == step::needs_bytes && io().now() < give_up_at_;
    if (patient) return ask();
    if (step_ == step::writing) return finish({}, false);  // the client takes nothing
    if (step_ == step::idle) return;
    ++round_;
    const failure why{errc::unavailable, step_ == step::needs_bytes
                                             ? "too many bytes are on their way to slow readers, try again"
                                             : "the session did not answer in time"};
    if (!opened_) return finish(why, true);
    writer_->failed(why);
    spdlog::error("{}: replay of {} cut short: {}", job_->plan.request_id, job_->session.id, why.message);
    write();
  });
}

}  // namespace sandbase
