// SPDX-License-Identifier: Apache-2.0
// Appends that another node owns: handed over to it, and done here if it cannot be reached. Which node does
// them is only a matter of speed, the store's fence decides. An edge does nothing itself: it never claims.
#include "actors/caf/errors.hpp"
#include "actors/session/session.hpp"

#include <algorithm>
#include <utility>

namespace sandbase {

namespace {

template <class Promise>
auto fails(const Promise& promise) {
  return [promise](const failure& why) { promise.fail(why); };
}

/// The same, for an append whose outcome elsewhere is still to come: its client's repetition is to get that.
auto gives_up(const append_request& r, const session_work::append_promise& promise) {
  return [promise, client = r.client](const failure& why) {
    if (client) client->disclaim();
    promise.fail(why);
  };
}

}  // namespace

/// Null: it is done here. Behind what this node has under way nothing is handed over: the owner's claim would
/// defeat it.
gateway_actor session::owner_elsewhere(const append_request& r) const {
  const bool may_go =
      r.text && env_->placement && !gone_ && !claiming_ && in_flight_.empty() && pipeline_.empty();
  return may_go ? env_->placement->link_to_owner(key_) : gateway_actor{};
}

void session::forward(const append_request& r, const gateway_actor& owner, const append_promise& promise) {
  const auto number = handed_over_.begin(steady_now(), gives_up(r, promise));
  const auto& id = durable_header_->definition->id;
  request(owner, caf::infinite, forward_append{key_, workspace_, id, r})
      .then(
          [this, number, promise, owner](const append_answer& answer) {
            if (!handed_over_.end(number)) return;
            promise.deliver(answer);
            written_at(owner);
            retire_if_done();
          },
          [this, number, promise, r, since = steady_now()](const caf::error& e) {
            if (!handed_over_.end(number)) return;
            const auto why = to_failure(e);
            // By its key it is done once, whatever the owner has made of it.
            const bool can_be_done_here = why.code == errc::unavailable ||
                                          (why.code == errc::unknown_outcome && !r.idempotency_key.empty());
            if (!can_be_done_here) {
              promise.fail(why);
              return retire_if_done();
            }
            auto here = r;
            here.text = nullptr;
            const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(steady_now() - since);
            here.patience = std::max(std::chrono::milliseconds{0}, r.patience - waited);
            if (why.code == errc::unknown_outcome)
              append_again(here, promise);
            else
              append_here(here, promise);
          });
}

/// What the owner may have stored: who cannot find out does not know either.
void session::append_again(const append_request& r, const append_promise& promise) {
  const auto look_up = look_ups_.begin(steady_now());
  request(session_actor{this}, caf::infinite, r)
      .then(
          [this, look_up, promise](const append_answer& answer) {
            look_ups_.end(look_up);
            promise.deliver(answer);
            retire_if_done();
          },
          [this, look_up, promise](const caf::error& e) {
            look_ups_.end(look_up);
            const auto why = to_failure(e);
            if (leaves_open(why))
              // Why it could not be found out says what became of this attempt, not of the owner's.
              promise.fail(errc::unknown_outcome,
                           "whether the events were stored is not known: the session's owner has not "
                           "answered, and it could not be found out here");
            else
              promise.fail(why);
            retire_if_done();
          });
}

/// Its answer says so before any poll does.
void session::written_at(const gateway_actor& owner) {
  if (gone_ || is_writer() || env_->placement->link_to_owner(key_) != owner) return;
  writer_ = env_->placement->owner_of(key_);
  keep_watch();
}

// --- of an edge --------------------------------------------------------------------------------------

void session::append_at_core(const append_request& r, const append_promise& promise) {
  const auto number = handed_over_.begin(steady_now(), gives_up(r, promise));
  request(env_->core, caf::infinite, forward_append{key_, workspace_, durable_header_->definition->id, r})
      .then(
          [this, number, promise](const append_answer& answer) {
            if (!handed_over_.end(number)) return;
            promise.deliver(answer);
            retire_if_done();
          },
          [this, number, promise](const caf::error& e) {
            if (!handed_over_.end(number)) return;
            promise.fail(to_failure(e));
            retire_if_done();
          });
}

void session::have_changed(change_session r, const std::function<void(const session_changed&)>& then,
                           const std::function<void(const failure&)>& failed) {
  active_ = true;
  r.session = key_;
  r.workspace = workspace_;
  r.id = durable_header_->definition->id;
  const auto number = handed_over_.begin(steady_now(), failed);
  request(env_->core, caf::infinite, std::move(r))
      .then(
          [this, number, then](const session_changed& done) {
            if (!handed_over_.end(number)) return;
            when_current([then, done] { then(done); },
                         [this, then, done](const failure&) {
                           is_stale_ = true;  // nobody may be shown what was erased
                           then(done);
                         });
            retire_if_done();
          },
          [this, number, failed](const caf::error& e) {
            if (!handed_over_.end(number)) return;
            failed(to_failure(e));
            retire_if_done();
          });
}

namespace {

change_session change_of(change_session::kind what, bool even_if_running) {
  change_session r;
  r.what = what;
  r.may = even_if_running ? role::runtime : role::client;
  return r;
}

}  // namespace

caf::result<session_view> session::update_at_core(const update_session& r) {
  view_promise promise{this};
  auto what = change_of(change_session::kind::update, false);
  what.text = r.text;
  what.lease = r.lease;
  have_changed(
      std::move(what), [promise](const session_changed& done) { promise.deliver({done.header}); },
      fails(promise));
  return promise;
}

caf::result<session_view> session::archive_at_core(const archive_session& r) {
  view_promise promise{this};
  auto what = change_of(change_session::kind::archive, r.even_if_running);
  what.lease = r.lease;
  have_changed(
      std::move(what), [promise](const session_changed& done) { promise.deliver({done.header}); },
      fails(promise));
  return promise;
}

caf::result<event_redacted> session::redact_at_core(const redact_event& r) {
  redacted_promise promise{this};
  auto what = change_of(change_session::kind::redact, false);
  what.event_id = r.id;
  what.reason = r.reason;
  what.lease = r.lease;
  have_changed(
      std::move(what),
      [promise](const session_changed& done) {
        if (!done.shown.empty()) return promise.deliver({done.shown.spans.front()});
        promise.fail(errc::unknown_outcome, "the session's owner did not say what is shown now");
      },
      fails(promise));
  return promise;
}

caf::result<session_deleted> session::remove_at_core(const delete_session& r) {
  deleted_promise promise{this};
  auto what = change_of(change_session::kind::remove, r.even_if_running);
  what.author = r.author;
  have_changed(
      std::move(what), [promise](const session_changed&) { promise.deliver({}); }, fails(promise));
  return promise;
}

}  // namespace sandbase
