// SPDX-License-Identifier: Apache-2.0
#include "http/stream/stream_machine.hpp"

#include <algorithm>

namespace sandbase {

namespace {

/// How often a session is looked for again without a byte of progress in between.
constexpr int max_tries = 5;

/// How often room that other threads give back is looked for.
constexpr std::chrono::milliseconds room_interval{250};

}  // namespace

stream_action stream_machine::begin(stream_start start, std::unique_ptr<stream_writer> writer,
                                    time_point expires_at, time_point now) {
  stop();
  end_ = {};
  start_ = std::move(start);
  log_ = start_.log;
  writer_ = std::move(writer);
  if (start_.after.size() == 1) writer_->begin_behind(start_.after.front().id);
  if (options_.stream_max_age.count() > 0 && writer_->follows()) rotate_at_ = now + options_.stream_max_age;
  expires_at_ = expires_at;
  sent_at_ = now;
  return find(now);
}

void stream_machine::stop() {
  enter(state::idle, time_point::max());
  writer_.reset();
  start_ = {};
  log_ = 0;
  has_session_ = following_ = opened_ = reopening_ = draining_ = waiting_ = lean_ = false;
  key_is_unknown_ = store_is_lost_ = false;
  tries_ = 0;
  nudged_ = 0;
  ends_as_ = log_state::open;
  farewell_.reset();
  rotate_at_ = expires_at_ = time_point::max();
  room_wanted_ = last_held_ = held_ = 0;
  stalled_since_.reset();
  short_since_.reset();
  trouble_.reset();
}

/// Whatever was asked before is not waited for any more.
void stream_machine::enter(state next, time_point deadline) {
  ++question_;
  state_ = next;
  deadline_ = deadline;
}

std::size_t stream_machine::holds() const {
  if (state_ == state::asking) return room_wanted_;
  return state_ == state::writing ? std::max(writer_->out().bytes(), held_) : 0;
}

// --- the session -----------------------------------------------------------------------

stream_action stream_machine::find(time_point now) {
  has_session_ = following_ = false;
  if (ends_as_ != log_state::deleted) {
    // What was told of the log may be lost in a failover: whoever is found tells anew.
    nudged_ = 0;
    ends_as_ = log_state::open;
  }
  enter(state::finding, now + options_.request_timeout);
  if (++tries_ > max_tries) return fail({errc::unavailable, "the session's owner is gone, try again"});
  return stream_action::find;
}

stream_action stream_machine::found(time_point now) {
  has_session_ = true;
  return ask(now);
}

/// Asks for what comes next, once its bytes have found room.
stream_action stream_machine::ask(time_point now) {
  if (!has_session_) return find(now);  // it went while this waited for room
  if (!short_since_) short_since_ = now;
  enter(state::waiting_for_room, now + room_interval);
  room_wanted_ = std::max(writer_->slice_bytes(), last_held_);
  return stream_action::take_room;
}

stream_action stream_machine::room(bool taken, time_point now) {
  if (!taken) return stream_action::none;
  short_since_.reset();
  enter(state::asking, now + options_.request_timeout);
  if (opened_ && (following_ || !writer_->follows())) return stream_action::pull;
  reopening_ = opened_;
  following_ = writer_->follows();
  return stream_action::open;
}

stream_action stream_machine::room_was_made(time_point now) {
  return waits_for_room() ? ask(now) : stream_action::none;
}

open_request stream_machine::opening() const {
  open_request open;
  open.log = log_;
  open.max_bytes = writer_->slice_bytes();
  open.tell_cursor = writer_->follows();
  if (!opened_) {
    // The id of the place is wanted at the end; that of a single one given is known.
    open.tell_cursor = open.tell_cursor || start_.from_end || start_.after.size() > 1;
    open.after = start_.after;
    open.from_end = start_.from_end;
    open.tail = start_.tail;
  } else if (!writer_->cursor_id().empty()) {
    open.after = {{"cursor", writer_->cursor_id()}};
  }
  return open;
}

pull_request stream_machine::next_pull() const {
  auto pull = writer_->next_pull();
  pull.log = log_;
  return pull;
}

stream_action stream_machine::answered(const pull_answer& answer, time_point now) {
  if (!opened_) {
    if (auto good = writer_->opened(answer); !good) return fail(good.error());
    opened_ = true;
    log_ = answer.log;
    start_ = {};
  } else {
    // What is missing may be lost in a failover, which whoever opens the session anew sees.
    if (!reopening_ && answer.slice.empty() && answer.after < answer.end) return find(now);
    if (std::exchange(reopening_, false))
      writer_->reopened(answer);
    else
      writer_->pulled(answer);
    if (writer_->cut_short()) {
      ends_for("error");
      trouble_ = writer_->why_failed();
    }
  }
  return took(answer.slice.held_bytes());
}

stream_action stream_machine::listed(const watch_list& list, time_point) {
  writer_->listed(list);
  opened_ = true;
  return took(writer_->out().bytes());
}

stream_action stream_machine::changed(const board_page& page, time_point) {
  if (page.is_lost)
    return fail(
        {errc::unavailable,
         "more sessions have changed than this stream was read for: begin it anew, with the present"});
  writer_->changed(page);
  return took(writer_->out().bytes());
}

/// An answer that keeps so many bytes in memory.
stream_action stream_machine::took(std::size_t bytes) {
  held_ = last_held_ = bytes;
  lean_ = false;
  return write();
}

stream_action stream_machine::refused(const failure& why, time_point) { return fail(why); }

stream_action stream_machine::moved(time_point now) { return find(now); }

stream_action stream_machine::session_down(time_point now) {
  has_session_ = following_ = false;
  return state_ == state::live ? go_on(now) : stream_action::none;
}

/// Tells the client that no more will come: in the ordinary way if nothing is written yet.
stream_action stream_machine::fail(const failure& why) {
  if (!opened_) return finish(why, true);
  ends_for("error");
  trouble_ = why;
  writer_->failed(why);
  return write();
}

stream_action stream_machine::finish(failure error, bool keeps_connection) {
  ends_for("done");
  end_.status = status();
  stop();
  error_ = std::move(error);
  keeps_connection_ = keeps_connection;
  return stream_action::finish;
}

// --- the socket ------------------------------------------------------------------------

stream_action stream_machine::write() {
  if (state_ != state::writing) enter(state::writing, time_point::max());
  return stream_action::write;
}

stream_action stream_machine::wrote(const io_outcome& outcome, time_point now) {
  if (outcome.state == io_state::closed) return client_gone();
  if (outcome.bytes > 0) sent_at_ = now;
  if (outcome.state == io_state::blocked) return blocked(outcome.bytes > 0, now);
  tries_ = 0;
  held_ = 0;
  stalled_since_.reset();
  return go_on(now);
}

stream_action stream_machine::wrote_chunk(const publication& p, const io_outcome& outcome, time_point now) {
  if (outcome.state == io_state::closed) return client_gone();
  if (outcome.bytes == 0) {  // not taken: it will be pulled
    enter(state::writing, time_point::max());
    return blocked(false, now);
  }
  writer_->passed_whole(p.slice());
  sent_at_ = now;
  if (outcome.state == io_state::done) return rest(state::live, now);
  const std::string_view bytes = writer_->chunked() ? std::string_view{*p.chunk()} : p.frames();
  writer_->out().add(bytes.substr(outcome.bytes), p.chunk());
  lean_ = true;  // the rest is shared by all that stall here
  enter(state::writing, time_point::max());
  return blocked(true, now);
}

stream_action stream_machine::blocked(bool progress, time_point now) {
  waiting_ = true;
  if (progress || !stalled_since_) {
    stalled_since_ = now;
    give_up_at_ = now + options_.write_timeout;
    deadline_ = std::min(now + out_patience, give_up_at_);
  }
  return stream_action::wait_writable;
}

stream_action stream_machine::writable(time_point) {
  if (!is_waiting()) return stream_action::none;
  waiting_ = false;
  return stream_action::write;
}

stream_action stream_machine::client_gone(std::string_view why) {
  if (state_ == state::idle) return stream_action::none;
  ends_for(why);
  return finish({}, false);
}

void stream_machine::let_go() {
  if (!is_waiting() || std::exchange(lean_, true)) return;
  writer_->shed();
  held_ = 0;
}

}  // namespace sandbase
