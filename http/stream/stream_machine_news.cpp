// SPDX-License-Identifier: Apache-2.0
// What a stream does behind what it has written, and at news: of its session or workspace, of its key, of the
// server, and that time has passed.
#include "events/ids/event_id.hpp"
#include "http/stream/stream_machine.hpp"

#include <algorithm>

namespace sandbase {

namespace {

/// How long the connection stays behind a frame that says why the stream ends: many clients drop what they
/// have not read yet when it breaks off.
constexpr std::chrono::milliseconds parting_time{1500};

/// Differs from stream to stream, so that a restart is no stampede.
std::chrono::milliseconds retry_delay() { return std::chrono::milliseconds{1000 + random_bits() % 4001}; }

}  // namespace

/// The socket is free: what comes next?
stream_action stream_machine::go_on(time_point now) {
  if (writer_->cut_short()) {
    enter(state::parting, now + parting_time);
    return stream_action::part;
  }
  if (writer_->finished()) return finish({}, writer_->keeps_connection());
  if (const auto why = due_end(now); !why.empty()) return close_with(why);
  if (key_is_unknown_) return rest(state::held, now);
  if (!writer_->follows()) return ask(now);
  if (ends_as_ == log_state::deleted) {
    if (writer_->cursor() == nudged_ && farewell_) {
      writer_->deleted(*farewell_);
    } else {
      ends_for("error");
      writer_->failed({errc::not_found, "the session was deleted before all of it was read"});
    }
    return write();
  }
  if (!has_session_) return find(now);
  if (!following_) return ask(now);  // found anew, and not asked yet
  if (!writer_->is_live() || writer_->cursor() < nudged_) return ask(now);
  if (ends_as_ != log_state::open) {
    writer_->ended();
    return write();
  }
  return rest(state::live, now);
}

/// Nothing to do but to wait for news.
stream_action stream_machine::rest(state in, time_point) {
  if (state_ != in) enter(in, {});
  short_since_.reset();
  deadline_ = std::min({sent_at_ + options_.stream_heartbeat, rotate_at_, expires_at_});
  return stream_action::none;
}

std::string_view stream_machine::due_end(time_point now) const {
  if (now >= expires_at_) return "token_expired";
  if (store_is_lost_) return "moved";
  if (draining_ && (writer_->follows() || key_is_unknown_)) return "shutdown";
  return now >= rotate_at_ ? "max_age" : "";
}

stream_action stream_machine::close_with(std::string_view reason) {
  if (!opened_) return finish({errc::unavailable, "the store does not answer, try again"}, true);
  ends_for(reason);
  writer_->closing(reason, retry_delay());
  return write();
}

stream_action stream_machine::published(const publication& p, time_point now) {
  if (state_ == state::idle) return stream_action::none;
  nudged_ = std::max(nudged_, p.end());
  if (p.state() != log_state::open) ends_as_ = p.state();
  if (p.farewell()) farewell_ = p.farewell();
  if (state_ != state::live) return stream_action::none;  // it pulls when it gets there
  if (p.chunk() && writer_->passes_whole(p.slice(), p.turn_end())) return stream_action::write_chunk;
  if (!writer_->published(p.slice()) || writer_->out().empty()) return go_on(now);
  lean_ = false;
  return write();
}

stream_action stream_machine::previewed(const sandbase::previewed& p, time_point) {
  if (state_ == state::idle) return stream_action::none;
  if (p.gap) writer_->missed_previews();
  for (const auto& what : p.what) {
    if (state_ == state::live)
      writer_->previewed(*what, p.end);
    else
      writer_->missed_preview(*what);
  }
  return state_ == state::live && !writer_->out().empty() ? write() : stream_action::none;
}

stream_action stream_machine::board_moved(change_number number, time_point now) {
  if (state_ == state::idle) return stream_action::none;
  nudged_ = std::max(nudged_, number);
  return state_ == state::live ? go_on(now) : stream_action::none;
}

stream_action stream_machine::key_revoked(time_point) {
  if (is_over()) return stream_action::none;
  const failure why{errc::unauthorized, "this API key is revoked"};
  if (!opened_) return finish(why, true);
  ends_for("key_revoked");
  if (is_waiting()) return finish({}, false);  // half a frame is out: nothing can follow it
  writer_->failed(why);
  return write();
}

stream_action stream_machine::key_unknown(time_point now) {
  if (is_over()) return stream_action::none;
  key_is_unknown_ = true;
  if (!is_waiting()) return go_on(now);
  let_go();  // what is begun has to be ended
  return stream_action::none;
}

stream_action stream_machine::key_known(time_point now) {
  key_is_unknown_ = store_is_lost_ = false;
  if (state_ != state::held) return stream_action::none;
  tries_ = 0;
  // A question that was let go of may have been taken: begin with the session anew.
  if (writer_->follows() && (!opened_ || reopening_)) return find(now);
  return go_on(now);
}

stream_action stream_machine::store_lost(time_point now) {
  if (is_over()) return stream_action::none;
  store_is_lost_ = true;
  return is_waiting() ? stream_action::none : go_on(now);
}

stream_action stream_machine::drain(time_point now) {
  draining_ = true;
  return state_ == state::live || state_ == state::held ? go_on(now) : stream_action::none;
}

stream_action stream_machine::deadline_passed(time_point now) {
  switch (state_) {
    case state::idle:
      return stream_action::none;
    case state::waiting_for_room:
      if (now >= *short_since_ + options_.request_timeout)
        return fail({errc::unavailable,
                     "too many bytes are on their way to slow readers (http.max_bytes_out), try again"});
      if (writer_->follows() && opened_ && is_heartbeat_due(now)) return beat();
      return ask(now);
    case state::writing:
      if (now >= give_up_at_) return client_gone("write_timeout");  // it takes nothing
      let_go();
      deadline_ = give_up_at_;
      return stream_action::none;
    case state::finding:
    case state::asking:
      return fail({errc::unavailable, "the session did not answer in time"});
    case state::parting:
      return finish({}, false);
    case state::live:
    case state::held:
      if (due_end(now).empty() && opened_ && is_heartbeat_due(now)) return beat();
      return go_on(now);
  }
  return stream_action::none;
}

stream_action stream_machine::beat() {
  writer_->heartbeat();
  return write();
}

}  // namespace sandbase
