// SPDX-License-Identifier: Apache-2.0
#include "actors/store/log_claimer.hpp"

#include "actors/caf/harden.hpp"
#include "actors/diagnostics/wait_times.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace sandbase {

log_claimer::log_claimer(caf::actor_config& cfg, std::unique_ptr<session_claimer> store,
                         std::shared_ptr<call_watch> calls)
    : claimer_actor::base(cfg), store_(std::move(store)), calls_(std::move(calls)) {
  harden(this);
}

claimer_actor::behavior_type log_claimer::make_behavior() {
  return {
      [this](const claim_session& r) { return claim(r); },
      [this](const claims_flush&) { flush(); },
      [this](const describe_actor&) { return describe(); },
  };
}

void log_claimer::on_exit() {
  waiting_.clear();  // they are told
  store_.reset();
}

caf::result<claim_answer> log_claimer::claim(const claim_session& r) {
  calls_->arrived(r.asked);
  sure_promise<claim_answer> promise{this};
  waiting_.push_back({r.session, r.asked, promise});
  schedule_flush();
  return promise;
}

void log_claimer::schedule_flush() {
  // Behind everything that the mailbox holds now: that is the batch.
  if (!std::exchange(flush_scheduled_, true)) send(this, claims_flush{});
}

void log_claimer::flush() {
  flush_scheduled_ = false;
  std::vector<session_key> sessions;
  std::vector<waiting> batch;
  std::vector<waiting> rest;
  std::set<session_key> taken;
  for (auto& w : std::exchange(waiting_, {})) {
    // A second claim of a session is another's, and voids the first: it comes behind it.
    const bool fits = sessions.size() < session_claimer::max_sessions && taken.insert(w.session).second;
    if (fits) sessions.push_back(w.session);
    (fits ? batch : rest).push_back(std::move(w));
  }
  if (batch.empty()) return;
  auto claimed = [&] {
    const call_watch::guard waits{*calls_};
    for (const auto& w : rest) calls_->arrived(w.asked);
    return store_->claim(sessions);
  }();
  ++batches_;
  claims_ += static_cast<std::int64_t>(batch.size());
  for (std::size_t i = 0; i < batch.size(); ++i)
    if (claimed[i])
      batch[i].promise.deliver({*std::move(claimed[i])});
    else
      batch[i].promise.fail(claimed[i].error());
  waiting_ = std::move(rest);
  if (!waiting_.empty()) schedule_flush();
}

/// Between two calls: it answers no one while it waits for the database.
actor_status log_claimer::describe() const {
  const auto now = clock().now();
  auto oldest = now;
  for (const auto& w : waiting_) oldest = std::min(oldest, w.asked);
  return {waiting_.empty() ? "idle" : "collecting",
          {{"waiting", static_cast<std::int64_t>(waiting_.size())},
           {"claims", claims_},
           {"batches", batches_},
           {"oldest_wait_ms", wait_ms(oldest, now)}}};
}

}  // namespace sandbase
