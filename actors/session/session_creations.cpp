// SPDX-License-Identifier: Apache-2.0
#include "actors/session/session_creations.hpp"

#include "actors/caf/errors.hpp"
#include "actors/caf/harden.hpp"
#include "actors/caf/timeouts.hpp"
#include "actors/session/ask_session.hpp"
#include "actors/session/receipt_look.hpp"
#include "actors/session/session_creation.hpp"

#include <caf/send.hpp>

#include <utility>

namespace sandbase {

session_creations::session_creations(caf::actor_config& cfg, directory_actor directory,
                                     std::shared_ptr<const session_environment> environment)
    : creations_actor::base(cfg),
      directory_(std::move(directory)),
      env_(std::move(environment)),
      tries_(env_->tries) {
  harden(this);
}

creations_actor::behavior_type session_creations::make_behavior() {
  return {
      [this](const create_session& r) { return create(r); },
      [this](const retire_now&) {
        retiring_ = true;
        come_again();
      },
      [this](const retry_tick& r) { ticked(r.of); },
  };
}

void session_creations::on_exit() {
  // After a fault.
  for (const auto& w : made_)
    w->promise.fail(errc::unknown_outcome, "the service failed while the session was being made");
  made_.clear();
  undecided_.clear();
  tries_.clear();
  directory_ = nullptr;
}

caf::result<session_created> session_creations::create(const create_session& r) {
  // With an Idempotency-Key that key alone decides.
  if (!r.idempotency_key.empty())
    return delegate(creation_actor{spawn<session_creation>(directory_, env_)}, r);
  const auto w = std::make_shared<waiting>(waiting{r, sure_promise<session_created>{this}, nullptr});
  auto promise = w->promise;
  proceed(w);
  come_again();
  return promise;
}

void session_creations::proceed(const waiting_ptr& w, try_book::told_receipts told) {
  const auto& r = w->request;
  if (r.client && r.client->known() == receipt::state::lost)
    return w->promise.fail(errc::unavailable, "the client has hung up");
  if (!r.is_retry) return make(w);
  if (w->joined && w->joined->is_forgotten) w->joined = nullptr;
  if (!w->joined) {
    auto found = tries_.find(r.author, r.print, clock().now(), told);
    switch (found.what) {
      case try_book::finding::kind::none:
        return make(w);
      case try_book::finding::kind::look:
        return look(w, found.look);
      case try_book::finding::kind::wait:
        receipts_awaited_ |= found.soon;
        return undecided_.push_back(w);
      case try_book::finding::kind::match:
        w->joined = std::move(found.match);
        try_book::join(*w->joined, r.client);
        break;
    }
  }
  w->joined->is_answered ? answer_again(w) : undecided_.push_back(w);
}

void session_creations::look(const waiting_ptr& w, const std::vector<receipt_ptr>& receipts) {
  ++asked_;
  look_at(this, receipts, [this, w, receipts](const std::vector<receipt::state>& states) {
    --asked_;
    std::vector<std::pair<receipt_ptr, receipt::state>> told;
    for (std::size_t i = 0; i < states.size(); ++i) told.emplace_back(receipts[i], states[i]);
    proceed(w, told);
    come_again();
  });
}

void session_creations::make(const waiting_ptr& w) {
  auto& r = w->request;
  const auto t = tries_.remember(r.author, r.print, r.client, clock().now());
  ++asked_;
  made_.insert(w);
  request(creation_actor{spawn<session_creation>(directory_, env_)}, creation_timeout, std::exchange(r, {}))
      .then(
          [this, w, t](const session_created& made) {
            --asked_;
            t->session = made.header->definition->id;
            try_book::answered(*t, clock().now());
            w->promise.deliver(made);
            made_.erase(w);
            decide();
          },
          [this, w, t](const caf::error& e) {
            --asked_;
            tries_.forget(t);
            w->promise.fail(e);
            made_.erase(w);
            decide();
          });
}

/// With the session as it is now.
void session_creations::answer_again(const waiting_ptr& w) {
  ++asked_;
  describe_session(
      this, directory_, w->request.workspace, w->joined->session,
      [this, w](const session_view& view) {
        --asked_;
        try_book::joiner_answered(*w->joined, w->request.client, clock().now());
        w->promise.deliver({view.header});
        come_again();
      },
      [this, w](const caf::error& e) {
        --asked_;
        w->promise.fail(e);
        come_again();
      });
}

/// For those who wait something has happened.
void session_creations::decide() {
  receipts_awaited_ = false;
  for (const auto& w : std::exchange(undecided_, {})) proceed(w);
  come_again();
}

void session_creations::ticked(retry_tick::what of) {
  if (of == retry_tick::what::receipts) {
    receipts_tick_ = false;
    return decide();
  }
  tries_tick_ = false;
  tries_.sweep(clock().now());
  come_again();
}

void session_creations::come_again() {
  if (retiring_ && asked_ == 0 && undecided_.empty()) return quit();
  if (receipts_awaited_ && !std::exchange(receipts_tick_, true))
    delayed_send(this, receipt_interval, retry_tick{retry_tick::what::receipts});
  if (!tries_.empty() && !std::exchange(tries_tick_, true))
    delayed_send(this, try_sweep_interval, retry_tick{retry_tick::what::tries});
}

}  // namespace sandbase
