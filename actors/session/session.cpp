// SPDX-License-Identifier: Apache-2.0
#include "actors/session/session.hpp"

#include "actors/caf/errors.hpp"
#include "actors/caf/harden.hpp"
#include "actors/caf/timeouts.hpp"
#include "actors/diagnostics/log_event.hpp"

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

namespace sandbase {

session::session(caf::actor_config& cfg, const std::shared_ptr<const opened_log>& log,
                 directory_actor directory, std::shared_ptr<const session_environment> environment,
                 claims when, std::shared_ptr<session_sizes> sizes)
    : session_actor::base(cfg),
      key_(log->key),
      directory_(std::move(directory)),
      env_(std::move(environment)),
      workspace_(log->workspace),
      opening_(when == claims::at_first),
      pipeline_(env_->tries),
      sizes_(std::move(sizes)),
      counted_(env_->counts) {
  harden(this);
  adopt(log->sealed_seq, log->log);
  known_epoch_ = log->epoch;
  writer_ = log->writer;
}

/// Who asks what is to be opened again is told what it would hear of an actor that is down: it was not taken,
/// look it up. What this one has under way may keep it for long.
template <class Answer, class Message>
auto session::if_taken(caf::result<Answer> (session::*handle)(const Message&)) {
  return [this, handle](const Message& r) -> caf::result<Answer> {
    if (is_to_be_opened_again()) return not_handed_on();
    return (this->*handle)(r);
  };
}

session_actor::behavior_type session::make_behavior() {
  watch_again();
  if (opening_) claim();
  return {
      if_taken(&session::append),
      if_taken(&session::open),
      if_taken(&session::pull),
      if_taken(&session::search),
      if_taken(&session::describe),
      [this](const describe_actor&) { return describe_itself(); },
      if_taken(&session::update),
      if_taken(&session::archive),
      if_taken(&session::redact),
      if_taken(&session::remove),
      [this](const published_ack& r) { acknowledged(r); },
      [this](const unfollow& r) { unfollowed(r); },
      [this](const sandbase::news_taken&) { news_taken(); },
      [this](const commit_done& r) { committed(r); },
      [this](const seal_done& r) { sealed(r); },
      [this](const seal_wanted&) {
        // A claim that this one has given up made it the writer all the same, and nobody else may seal.
        if (!is_writer()) claim();
        can_be_sealed_ = true;  // else nobody would ask
        seal_if_due(true);
      },
      [this](const retire_now&) {
        retiring_ = true;
        retire_if_done();
      },
      [this](const end_moved& r) { end_has_moved(r); },
      [this](const sandbase::mirrored& r) { mirrored(r); },
      [this](const mirrored_previews& r) { mirrored(r); },
      [this](const sandbase::mirror_lost& r) { mirror_lost(r.from); },
      [this](const idle_check&) { go_if_idle(); },
      [this](const retry_tick& r) { ticked(r.of); },
  };
}

void session::ticked(retry_tick::what of) {
  if (of == retry_tick::what::tries) {
    tries_tick_ = false;
    pipeline_.sweep(clock().now());
    return come_again();
  }
  receipts_tick_ = false;
  pipeline_.look_again();
  drive();
  retire_if_done();
}

void session::on_exit() {
  // After a fault: what the journal has may or may not become durable; the rest was certainly not handled.
  const failure unknown{errc::unknown_outcome, "the session failed while the events were being stored"};
  for (const auto& a : pipeline_.failed()) promise_of(a).fail(unknown);
  redactions_.clear();
  for (auto& f : in_flight_) fail(f, unknown);
  for (auto& u : unknown_) answer_unknown(u, unknown);
  in_flight_.clear();
  unknown_.clear();
  pipeline_ = append_pipeline{};
  removals_.clear();
  deferred_.clear();
  appender_.reset();
  tail_ = log_tail{};
  cache_.reset();
  followers_ = {};
  counted_.tell(false, false, 0);
  if (env_->ends) caf::anon_send(env_->ends, unwatch_end{key_});
  if (mirror_) caf::anon_send(mirror_, unmirror_session{key_});
  mirror_ = nullptr;
  directory_ = nullptr;
}

/// Who asks for it while it goes has to wait: so it goes only when it has nothing left to seal, which may
/// take as long as the disk does.
void session::go_if_idle() {
  if (gone_) return;  // the directory knows
  const bool is_needed = std::exchange(active_, false) || has_work() || !followers_.empty();
  const bool is_sealed = !is_writer() || !can_be_sealed_ || (tail_.unsealed_bytes() == 0 && sealing_ == 0);
  if (is_needed || !is_sealed) {
    caf::anon_send(directory_, session_stays{key_});
    if (!is_needed) seal_if_due(true);
    return;
  }
  retiring_ = true;
  retire_if_done();
}

/// Something is under way for somebody.
bool session::has_work() const {
  return claiming_ || !in_flight_.empty() || !pipeline_.empty() || !removals_.empty() || !look_ups_.empty() ||
         !handed_over_.empty() || !deferred_.empty() || !redactions_.empty();
}

void session::when_open(const std::function<void()>& f) {
  active_ = true;
  if (!opening_) return f();
  deferred_.push_back({f, [f](const failure&) { f(); }, steady_now()});
}

void session::when_shown(const std::function<void()>& f, const std::function<void(const failure&)>& failed) {
  when_open([this, f, failed] { is_stale_ ? when_current(f, failed) : f(); });
}

void session::when_current_writer(std::function<void()> f, const std::function<void(const failure&)>& fail) {
  when_current([this, f = std::move(f), fail] { when_writer(f, fail); }, fail);
}

void session::when_writer(std::function<void()> f, std::function<void(const failure&)> fail) {
  active_ = true;
  when_writer({std::move(f), std::move(fail), steady_now()});
}

void session::when_writer(deferred what) {
  if (gone_) return what.fail(why_gone_);
  if (is_writer()) return what.run();
  deferred_.push_back(std::move(what));
  claim();
}

failure session::others_write() {
  return {errc::unavailable, "other servers write this session all the time, try again"};
}

// --- the header ------------------------------------------------------------------------------

std::shared_ptr<const session_header> session::view_header() const {
  const auto& known = durable_header_->progress;
  if (known.tip == durable_tip_ && known.pending == durable_pending_) return durable_header_;
  auto header = std::make_shared<session_header>(*durable_header_);
  header->progress.tip = durable_tip_;
  header->progress.pending = durable_pending_;
  return header;
}

caf::result<session_view> session::describe(const describe_request& /*r*/) {
  view_promise promise{this};
  const auto show = [this, promise] {
    if (gone_) return promise.fail(why_gone_);
    promise.deliver({view_header(), followers_.streams(), key_});
  };
  when_open(
      [this, promise, show] { when_current(show, [promise](const failure& why) { promise.fail(why); }); });
  return promise;
}

caf::result<session_view> session::update(const update_session& r) {
  if (env_->core) return update_at_core(r);
  view_promise promise{this};
  when_current_writer([this, promise, r] { update(r, promise, 0); },
                      [promise](const failure& why) { promise.fail(why); });
  return promise;
}

void session::update(const update_session& r, const view_promise& promise, int lost_fences) {
  if (lost_fences > max_lost_fences) return promise.fail(others_write());
  auto built = appender_->update(*r.update, 0, env_->clock->now());
  if (!built) return promise.fail(built.error());
  if (built->empty() && in_flight_.empty()) return promise.deliver({view_header()});
  hand_over(std::move(*built), nullptr, promise, r.lease).again = [this, r, promise, lost_fences] {
    update(r, promise, lost_fences + 1);
  };
}

caf::result<session_view> session::archive(const archive_session& r) {
  if (env_->core) return archive_at_core(r);
  view_promise promise{this};
  when_current_writer([this, promise, r] { archive(r, promise, 0); },
                      [promise](const failure& why) { promise.fail(why); });
  return promise;
}

void session::archive(const archive_session& r, const view_promise& promise, int lost_fences) {
  if (lost_fences > max_lost_fences) return promise.fail(others_write());
  auto built = appender_->archive(env_->clock->now(), r.even_if_running);
  if (!built) return promise.fail(built.error());
  if (built->empty() && in_flight_.empty()) return promise.deliver({view_header()});
  hand_over(std::move(*built), nullptr, promise, r.lease).again = [this, r, promise, lost_fences] {
    archive(r, promise, lost_fences + 1);
  };
}

caf::result<session_deleted> session::remove(const delete_session& r) {
  if (env_->core) return remove_at_core(r);
  deleted_promise promise{this};
  when_current_writer(
      [this, promise, r] {
        removals_.push_back({r, promise, steady_now()});
        remove_when_settled();
      },
      [promise](const failure& why) { promise.fail(why); });
  return promise;
}

void session::remove_when_settled() {
  // Appends handed over before are decided first: the journal would refuse them as of an erased session.
  if (removals_.empty() || !in_flight_.empty() || !is_writer()) return;
  const auto first = std::move(removals_.front());
  removals_.erase(removals_.begin());
  const auto& [r, promise, since, lost_fences] = first;
  if (durable_header_->progress.status == session_status::running && !r.even_if_running) {
    promise.fail(errc::invalid, "the session is running: only a runtime key may delete it now");
    return remove_when_settled();
  }
  appender_.reset();  // what comes now and writes waits for the outcome
  claiming_ = true;
  claiming_since_ = since;
  request(env_->journal_of(key_), commit_timeout,
          journal_delete{key_, epoch_, {r.author, env_->clock->now()}, clock().now()})
      .then(
          [this, promise = promise](const session_deleted&) {
            claiming_ = false;
            if (!gone_) return end({errc::not_found, "no such session"}, promise);
            promise.deliver({});
            retire_if_done();
          },
          [this, first](const caf::error& e) {
            claiming_ = false;
            if (gone_) {
              first.promise.fail(why_gone_);
              return retire_if_done();
            }
            auto next = first;
            if (to_failure(e).code == errc::fenced && env_->ends && ++next.lost_fences <= max_lost_fences)
              removals_.push_back(std::move(next));
            else
              first.promise.fail(e);
            claim();
          });
}

// --- sealing and retiring ------------------------------------------------------------------------

void session::seal_if_due(bool all) {
  // What is being erased must not come back by a seal that still has it.
  if (!is_writer() || !can_be_sealed_ || sealing_ != 0 || redacting_ == redacting::storing) {
    seal_all_ |= all;
    return;
  }
  if (tail_.unsealed_bytes() < (all || seal_all_ ? 1 : sealed_block_bytes)) return;
  seal_all_ = false;
  auto op = std::make_shared<seal_op>();
  op->session = key_;
  op->epoch = epoch_;
  op->blocks = tail_.blocks_to_seal();
  op->header = std::make_shared<const session_header>(appender_->header());
  sealing_ = op->blocks.back()->last_seq();
  send(env_->journal_of(key_), seal_request{std::move(op)});
}

void session::sealed(const seal_done& r) {
  if (r.epoch != epoch_ || !is_writer()) return;
  sealing_ = 0;
  if (r.error.code == errc::none) {
    tail_.mark_sealed(r.last_seq);
    log_event(spdlog::level::debug, "session sealed", field("session", durable_header_->definition->id),
              field("last_seq", r.last_seq), field("unsealed_bytes", tail_.unsealed_bytes()));
    keep_cache_share();
    tell_sizes();
    seal_if_due(false);
  } else if (r.error.code == errc::corrupt) {
    // The store has set it aside, and keeps its rows; or it could commit nothing, and asks again.
    can_be_sealed_ = false;
  } else if (retiring_ && !has_work()) {
    // The rows stay in the journal; housekeeping seals them when it can.
    spdlog::warn("session {}: retires unsealed: {}", key_, r.error.message);
    return leave();
  } else if (r.error.code != errc::unavailable) {
    return seal_refused(r.error);
  }
  if (redacting_ == redacting::behind_a_seal) redact_shown(found_);
  retire_if_done();
}

/// What is sealed is not known any more, and another seal of the same events might be refused for ever. The
/// claim tells, also of the appends that are out.
void session::seal_refused(const failure& why) {
  const failure unknown{errc::unknown_outcome, why.message};
  if (!env_->ends || !in_flight_.empty()) return commit_failed(unknown);
  // Whose log it is by now has nothing to claim.
  const auto claim_unless_lost = [this, unknown, epoch = epoch_] {
    if (is_writer() && epoch_ == epoch) commit_failed(unknown);
  };
  when_current(claim_unless_lost, [claim_unless_lost](const failure&) { claim_unless_lost(); });
}

void session::retire_if_done() {
  if (!retiring_ || has_work()) return;
  if (is_writer() && can_be_sealed_ && tail_.unsealed_bytes() > 0) return seal_if_due(true);
  if (sealing_ != 0) return;
  log_event(spdlog::level::debug, gone_ ? "session is gone" : "session retired",
            field("session", durable_header_->definition->id), field("last_seq", durable_tip_.last_seq));
  leave();
}

void session::leave() {
  news_out_ = false;  // what the board was not told yet it is told now
  if (std::exchange(news_due_, false)) tell_board();
  quit();  // which releases it in the journal
}

}  // namespace sandbase
