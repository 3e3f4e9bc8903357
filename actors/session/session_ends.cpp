// SPDX-License-Identifier: Apache-2.0
// How a session keeps up with a log that other processes write too: before it tells anybody where the log
// ends it asks, and what others have appended it takes over. Where only one process writes, all this is
// nothing.
#include "actors/diagnostics/log_event.hpp"
#include "actors/session/session.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace sandbase {

namespace {

/// Whether a log that was at `before` cannot be at `now` later: the database has lost what it had.
bool went_back(const log_mark& before, const log_mark& now) {
  return now.epoch < before.epoch || now.last_seq < before.last_seq || now.sealed_seq < before.sealed_seq ||
         (now.last_seq == before.last_seq && now.head != before.head);
}

bool is_same_end(const log_mark& a, const log_mark& b) {
  return a.epoch == b.epoch && a.last_seq == b.last_seq && a.head == b.head;
}

const log_block* block_with(const std::vector<log_block_ptr>& blocks, seq_t seq) {
  for (const auto& block : blocks)
    if (seq >= block->first_seq() && seq <= block->last_seq()) return block.get();
  return nullptr;
}

}  // namespace

log_mark session::known() const {
  return {known_epoch_, durable_tip_.last_seq, durable_tip_.head, tail_.sealed_seq()};
}

bool session::knows(const log_mark& end) const {
  return end.epoch <= known_epoch_ && end.last_seq <= durable_tip_.last_seq;
}

/// Handed over by this writer. Its epoch alone does not tell: where a failover has lost a claim, another
/// process may have the same one.
bool session::is_under_way(const log_mark& end) const {
  const auto ends_there = [&](const in_flight& f) {
    return f.tip.last_seq == end.last_seq && f.tip.head == end.head;
  };
  return is_writer() && end.epoch == epoch_ && std::ranges::any_of(in_flight_, ends_there);
}

/// A look that began before a claim was known may be answered behind it.
void session::note_writer(const written_end& end) {
  if (end.mark.epoch < known_epoch_) return;
  writer_ = end.writer;
  keep_watch();
}

/// Calls `f` once all that was acknowledged by now, by whatever process, is known here; or `failed`.
void session::when_current(const std::function<void()>& f,
                           const std::function<void(const failure&)>& failed) {
  active_ = true;
  if (!env_->ends || gone_) return f();
  const auto look_up = look_ups_.begin(steady_now());
  request(env_->ends, read_timeout, find_end{key_})
      .then(
          [this, look_up, was = known(), f, failed](const found_end& found) {
            look_ups_.end(look_up);
            catch_up(found.end, was, f, failed);
            retire_if_done();
          },
          [this, look_up, failed](const caf::error& e) {
            look_ups_.end(look_up);
            failed(to_failure(of_read(e)));
            retire_if_done();
          });
}

/// `found`: the end as it was behind `was`.
void session::catch_up(const std::optional<written_end>& found, const log_mark& was,
                       const std::function<void()>& f, const std::function<void(const failure&)>& failed) {
  if (gone_) return f();
  if (!found) {
    end({errc::not_found, "no such session"});
    return f();
  }
  if (went_back(was, found->mark)) {
    end_of_lost(found->mark.last_seq);
    return f();
  }
  is_stale_ = false;
  note_writer(*found);
  if (knows(found->mark) || is_under_way(found->mark)) return f();
  load_news(f, failed);
}

void session::load_news(const std::function<void()>& f, const std::function<void(const failure&)>& failed) {
  ask_reader<found_session>(
      find_log{key_},
      [this, was = known(), f, failed](const found_session& found) { take_over(found.log, was, f, failed); },
      [this, failed](const failure& why) {
        watch_again();
        failed(why);
      });
}

/// `log`: what was found behind `was`.
void session::take_over(const std::shared_ptr<const opened_log>& log, const log_mark& was,
                        const std::function<void()>& f, const std::function<void(const failure&)>& failed) {
  if (gone_) return f();
  if (!log) {
    end({errc::not_found, "no such session"});
    return f();
  }
  const auto& tip = log->log.header.progress.tip;
  const log_mark found{log->epoch, tip.last_seq, tip.head, log->sealed_seq};
  if (went_back(was, found)) {
    end_of_lost(found.last_seq);
    return f();
  }
  if (knows(found) || is_under_way(found)) return f();
  if (durable_tip_.last_seq == 0 || durable_tip_.last_seq == found.last_seq) return adopt_news(*log, f);
  look_whether_it_follows(
      log->log.unsealed,
      [this, log, was = known(), f, failed](bool follows) {
        if (gone_) return f();
        if (known() != was) return load_news(f, failed);
        if (follows) return adopt_news(*log, f);
        end_of_lost(log->log.header.progress.tip.last_seq);
        f();
      },
      [this, failed](const failure& why) {
        watch_again();
        failed(why);
      });
}

/// Calls `f` with whether the last event that is known here stands where it stood, in a log that is longer by
/// now: in `unsealed`, its unsealed end, or in a segment.
void session::look_whether_it_follows(const std::vector<log_block_ptr>& unsealed,
                                      const std::function<void(bool)>& f,
                                      const std::function<void(const failure&)>& failed) {
  const auto last = durable_tip_.last_seq;
  if (const auto* block = block_with(unsealed, last)) return f(block->id(last) == durable_tip_.last_id);
  ask_reader<pull_answer>(
      read_request{key_, {last - 1, last, 0, false}, last},
      [f, last, id = durable_tip_.last_id](const pull_answer& got) {
        f(!got.slice.empty() && got.slice.spans.front().block->id(last) == id);
      },
      failed);
}

/// The database has lost what is known here. Who opens the session anew sees what is left, which ends at
/// `found`.
void session::end_of_lost(seq_t found) {
  log_event(spdlog::level::warn, "the database has lost events",
            field("session", durable_header_->definition->id), field("last_seq", durable_tip_.last_seq),
            field("found_last_seq", found));
  end({errc::unavailable, "the session's log is not what it was: it is being opened again"});
}

void session::adopt_news(const opened_log& log, const std::function<void()>& f) {
  if (is_writer()) lose_log();
  const auto before = durable_tip_.last_seq;
  const auto state = durable_state();
  ++erasures_;  // one may be among the news: what was read before must not be kept
  adopt(log.sealed_seq, log.log);
  known_epoch_ = log.epoch;
  writer_ = log.writer;
  keep_watch();
  log_event(spdlog::level::debug, "session follows", field("session", durable_header_->definition->id),
            field("epoch", known_epoch_), field("last_seq", durable_tip_.last_seq));
  const auto last = durable_tip_.last_seq;
  if (!followers_.empty() && (last > before || durable_state() != state))
    publish(last > before && tail_.holds(before + 1) ? tail_.slice(before, last, SIZE_MAX) : log_slice{}, {});
  tell_board();
  f();
  drive();
  if (!redactions_.empty() && !is_writer()) claim();
}

/// Another process writes the log. What is under way to the journal was stored before that, or never will be:
/// the claim tells.
void session::lose_log() {
  if (!in_flight_.empty()) {
    constexpr bool may_be_stored = true;
    return commit_failed({errc::fenced, "another process writes the session"}, may_be_stored);
  }
  appender_.reset();
  epoch_ = 0;
  sealing_ = 0;
  seal_all_ = false;
  begin_redaction_again();
}

/// What the last poll has found, or that there was none for long. It may be older than what is known.
void session::end_has_moved(const end_moved& r) {
  if (gone_) return;
  if (r.is_lost) {
    is_stale_ = true;
    return;
  }
  const auto nothing = [] {};
  const auto ignore = [](const failure&) {};
  if (r.end) {
    note_writer(*r.end);
    const auto& found = r.end->mark;
    // It may only have changed hands, or more of it is sealed.
    if (is_same_end(found, known()) && !went_back(known(), found)) return;
    if (is_under_way(found)) return;
  }
  const bool was_active = active_;
  if (!r.end || knows(r.end->mark))
    when_current(nothing, [this](const failure&) { watch_again(); });
  else
    load_news(nothing, ignore);
  active_ = was_active;  // nobody has asked for it
}

/// To be called when it may be followed or written otherwise than before.
void session::keep_watch() {
  if (!env_->ends || gone_) return;
  keep_mirror();
  keep_pace();
}

/// Polls as closely as what is pushed leaves need for.
void session::keep_pace() {
  if (!env_->ends || gone_) return;
  tell_sizes();
  const auto pace = followers_.empty() ? watch_pace::seldom
                    : is_writer()      ? watch_pace::written
                    : mirror_          ? watch_pace::pushed
                                       : watch_pace::closely;
  if (std::exchange(watched_, pace) != pace) watch_again();
}

/// So that the next poll tells what is not known here.
void session::watch_again() {
  if (env_->ends && !gone_)
    send(env_->ends,
         watch_end{key_, session_actor{this}, watched_, {known(), writer_}, {sizes_, &sizes_->events}});
}

}  // namespace sandbase
