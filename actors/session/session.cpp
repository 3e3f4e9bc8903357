// SPDX-License-Identifier: Apache-2.0
#include "actors/session/session.hpp"

#include "actors/caf/errors.hpp"
#include "actors/caf/harden.hpp"
#include "actors/log/log_recovery.hpp"
#include "events/event/stored_event.hpp"

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

namespace sandbase {

session::session(caf::actor_config& cfg, session_key key, directory_actor directory,
                 std::shared_ptr<const session_environment> environment)
    : session_actor::base(cfg), key_(key), directory_(std::move(directory)), env_(std::move(environment)) {
  harden(this);
}

session_actor::behavior_type session::make_behavior() {
  claim();
  delayed_send(this, env_->idle_timeout, session_tick{});
  return {
      [this](const append_request& r) { return append(r); },
      [this](const open_request& r) { return open(r); },
      [this](const pull_request& r) { return pull(r); },
      [this](const search_request& r) { return search(r); },
      [this](const describe_request&) { return describe(); },
      [this](const update_session& r) { return update(r); },
      [this](const archive_session&) { return archive(); },
      [this](const delete_session& r) { return remove(r); },
      [this](const published_ack& r) { acknowledged(r); },
      [this](const unfollow& r) { followers_.remove(r.from); },
      [this](const commit_done& r) { committed(r); },
      [this](const seal_done& r) { sealed(r); },
      [this](const seal_wanted&) { seal_if_due(true); },
      [this](const retire_now&) {
        retiring_ = true;
        retire_if_done();
      },
      [this](const session_tick&) {
        if (!active_ && !retiring_ && followers_.empty()) caf::anon_send(directory_, retire_me{key_});
        active_ = false;
        delayed_send(this, env_->idle_timeout, session_tick{});
      },
  };
}

void session::on_exit() {
  // After a fault: what the journal has may or may not become durable; the rest was certainly not handled.
  const failure unknown{errc::unknown_outcome, "the session failed while the events were being stored"};
  for (const auto& a : pipeline_.failed()) promise_of(a).fail(unknown);
  for (auto& f : in_flight_) f.view.fail(unknown);
  in_flight_.clear();
  pipeline_ = {};
  removals_.clear();
  deferred_.clear();
  appender_.reset();
  tail_ = log_tail{};
  cache_.reset();
  followers_ = {};
  directory_ = nullptr;
}

void session::when_serving(std::function<void()> f) {
  active_ = true;
  if (claiming() && !gone_)
    deferred_.push_back(std::move(f));
  else
    f();
}

// --- claiming ----------------------------------------------------------------------------

void session::claim() {
  appender_.reset();
  request(env_->journal, caf::infinite, claim_request{key_, session_actor{this}})
      .then([this](const claim_answer& answer) { claimed(answer); },
            [this](const caf::error& e) { claim_failed(to_failure(e)); });
}

void session::claimed(const claim_answer& answer) {
  auto log = recover_log(answer.row, answer.unsealed);
  if (!log) return claim_failed(log.error());
  incarnation_ = answer.incarnation;
  workspace_ = answer.row.workspace;
  cache_.reset();
  tail_ = log_tail{answer.row.sealed_seq};
  for (auto& block : log->unsealed) tail_.push(std::move(block));
  durable_header_ = std::make_shared<const session_header>(log->header);
  durable_tip_ = log->header.progress.tip;
  durable_pending_ = log->header.progress.pending;
  next_number_ = 1;
  sealing_ = 0;
  appender_.emplace(std::move(log->header));
  pipeline_.claimed();
  remove_when_settled();  // it came before those that waited for the claim
  // One of them may be a deletion as well: the others then wait for its outcome.
  for (auto& f : std::exchange(deferred_, {})) when_serving(std::move(f));
  drive();
  retire_if_done();
}

void session::claim_failed(const failure& why) {
  if (why.code != errc::not_found) spdlog::error("session {} cannot be opened: {}", key_, why.message);
  gone_ = true;
  why_gone_ = why;
  for (auto& f : std::exchange(deferred_, {})) f();
  drive();
  for (auto& [r, promise] : std::exchange(removals_, {})) promise.fail(why);
  quit();
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

caf::result<session_view> session::describe() {
  view_promise promise{this};
  when_serving([this, promise] {
    if (gone_) return promise.fail(why_gone_);
    promise.deliver({view_header(), followers_.streams()});
  });
  return promise;
}

caf::result<session_view> session::update(const update_session& r) {
  view_promise promise{this};
  when_serving([this, promise, update = r.update] {
    if (gone_) return promise.fail(why_gone_);
    auto built = appender_->update(*update, 0, env_->now());
    if (!built) return promise.fail(built.error());
    if (built->empty() && in_flight_.empty()) return promise.deliver({view_header()});
    hand_over(std::move(*built), nullptr, promise);
  });
  return promise;
}

caf::result<session_view> session::archive() {
  view_promise promise{this};
  when_serving([this, promise] {
    if (gone_) return promise.fail(why_gone_);
    auto built = appender_->archive(env_->now());
    if (!built) return promise.fail(built.error());
    if (built->empty() && in_flight_.empty()) return promise.deliver({view_header()});
    hand_over(std::move(*built), nullptr, promise);
  });
  return promise;
}

caf::result<session_deleted> session::remove(const delete_session& r) {
  deleted_promise promise{this};
  when_serving([this, promise, r] {
    if (gone_) return promise.fail(why_gone_);
    removals_.emplace_back(r, promise);
    remove_when_settled();
  });
  return promise;
}

void session::remove_when_settled() {
  // Appends handed over before are decided first: the journal would refuse them as of an erased session.
  if (removals_.empty() || !in_flight_.empty() || claiming()) return;
  auto [r, promise] = std::move(removals_.front());
  removals_.erase(removals_.begin());
  if (durable_header_->progress.status == session_status::running && !r.even_if_running) {
    promise.fail(errc::invalid, "the session is running: only a runtime key may delete it now");
    return remove_when_settled();
  }
  appender_.reset();  // whatever comes now waits for the outcome
  request(env_->journal, caf::infinite, journal_delete{incarnation_, key_})
      .then(
          [this, promise = promise](const session_deleted&) {
            // First, so that whoever has the answer and asks again is not given this handle.
            caf::anon_send(directory_, retire_me{key_});
            promise.deliver({});
            publish_deletion();
            claim_failed({errc::not_found, "no such session"});
          },
          [this, promise = promise](const caf::error& e) {
            promise.fail(e);
            claim();
          });
}

// --- sealing and retiring ------------------------------------------------------------------------

void session::seal_if_due(bool all) {
  if (claiming() || sealing_ != 0) {
    seal_all_ |= all;
    return;
  }
  if (tail_.unsealed_bytes() < (all || seal_all_ ? 1 : sealed_block_bytes)) return;
  seal_all_ = false;
  auto op = std::make_shared<seal_op>();
  op->session = key_;
  op->blocks = tail_.blocks_to_seal();
  op->header = std::make_shared<const session_header>(appender_->header());
  sealing_ = op->blocks.back()->last_seq();
  send(env_->journal, seal_request{incarnation_, std::move(op)});
}

void session::sealed(const seal_done& r) {
  if (r.incarnation != incarnation_ || claiming()) return;
  sealing_ = 0;
  if (r.error.code == errc::none) {
    tail_.mark_sealed(r.last_seq);
    keep_cache_share();
    seal_if_due(false);
  } else if (retiring_ && in_flight_.empty()) {
    // The rows stay in the journal, which seals them when it can.
    spdlog::warn("session {}: retires unsealed: {}", key_, r.error.message);
    send(env_->journal, release_session{incarnation_, key_});
    quit();
    return;
  }
  retire_if_done();
}

void session::retire_if_done() {
  if (!retiring_ || claiming() || !in_flight_.empty() || !pipeline_.empty() || !removals_.empty() ||
      look_ups_ > 0)
    return;
  if (tail_.unsealed_bytes() > 0) return seal_if_due(true);
  if (sealing_ != 0) return;
  send(env_->journal, release_session{incarnation_, key_});
  quit();
}

}  // namespace sandbase
