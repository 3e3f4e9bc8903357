// SPDX-License-Identifier: Apache-2.0
#include "actors/store/log_ends.hpp"

#include "actors/caf/errors.hpp"
#include "actors/caf/harden.hpp"
#include "actors/caf/timeouts.hpp"

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <span>
#include <utility>

namespace sandbase {

namespace {

/// Of one statement.
constexpr std::size_t max_sessions = 1024;

}  // namespace

log_ends::log_ends(caf::actor_config& cfg, std::unique_ptr<end_reader> store, log_ends_options options,
                   std::shared_ptr<call_watch> calls)
    : ends_actor::base(cfg),
      store_(std::move(store)),
      options_(std::move(options)),
      calls_(std::move(calls)) {
  harden(this);
}

log_ends::log_ends(caf::actor_config& cfg, core_actor core, log_ends_options options)
    : ends_actor::base(cfg), core_(std::move(core)), options_(std::move(options)) {
  harden(this);
}

ends_actor::behavior_type log_ends::make_behavior() {
  looked_up_at_ = clock().now();
  set_clock();
  delayed_send(this, options_.follow_interval, poll_ends{});
  return {
      [this](const find_end& r) { return find(r); },
      [this](const watch_end& r) { watch(r); },
      [this](const unwatch_end& r) { watched_.erase(r.key); },
      [this](const look_at_end& r) { look_at(r.session); },
      [this](const describe_actor&) { return describe(); },
      [this](const look_up_ends&) { look_up(); },
      [this](const poll_ends&) {
        poll();
        delayed_send(this, options_.follow_interval, poll_ends{});
      },
  };
}

void log_ends::on_exit() {
  waiting_.clear();
  watched_.clear();
  store_.reset();
  core_ = nullptr;
}

void log_ends::find_all(const std::vector<session_key>& sessions,
                        const std::function<void(const result<found>&)>& f) {
  if (core_) {
    request(core_, caf::duration{read_timeout}, find_ends{sessions})
        .then(
            [f, count = sessions.size()](const found_ends& all) {
              f(all.ends.size() == count
                    ? result<found>{all.ends}
                    : result<found>{errc::unavailable, "another server has told something else"});
            },
            [f](const caf::error& e) { f(result<found>{to_failure(of_read(e))}); });
    return;
  }
  const auto ends = [&] {
    const call_watch::guard waits{*calls_};
    return store_->find_ends(sessions);
  }();
  f(ends);
}

// --- who asks ---------------------------------------------------------------------------------

caf::result<found_end> log_ends::find(const find_end& r) {
  sure_promise<found_end> promise{this};
  waiting_.push_back({r.session, promise, clock().now()});
  schedule_look_up();
  return promise;
}

/// Behind everything that the mailbox holds now: that is one look-up.
void log_ends::schedule_look_up() {
  if (!std::exchange(look_up_scheduled_, true)) send(this, look_up_ends{});
}

void log_ends::look_at(session_key session) {
  if (!watched_.contains(session)) return;
  claimed_.push_back(session);
  schedule_look_up();
}

void log_ends::look_up() {
  look_up_scheduled_ = false;
  const auto waiting = std::exchange(waiting_, {});
  for (std::span left{waiting}; !left.empty();) {
    const auto some = left.first(std::min(left.size(), max_sessions));
    left = left.subspan(some.size());
    std::vector<session_key> sessions;
    for (const auto& q : some) sessions.push_back(q.session);
    std::ranges::sort(sessions);
    sessions.erase(std::unique(sessions.begin(), sessions.end()), sessions.end());
    find_all(sessions, [sessions, asked = std::vector(some.begin(), some.end())](const result<found>& ends) {
      for (const auto& q : asked) {
        if (!ends) {
          q.promise.fail(ends.error());
          continue;
        }
        const auto at = std::ranges::lower_bound(sessions, q.session) - sessions.begin();
        q.promise.deliver({(*ends)[static_cast<std::size_t>(at)]});
      }
    });
  }
  if (claimed_.empty() || polls_out_ > 0) return;
  poll_has_failed_ = false;
  poll(std::exchange(claimed_, {}));
}

// --- who is told --------------------------------------------------------------------------------

void log_ends::watch(const watch_end& r) {
  watched_[r.key] = {r.session, r.pace, r.known, r.events};
  if (is_lost_) caf::anon_send(r.session, end_moved{std::nullopt, true});
}

void log_ends::poll() {
  if (polls_out_ > 0) return;  // whoever is asked takes long
  const auto sessions = due_sessions();
  if (sessions.empty() && !watched_.empty()) return;  // which tells nothing
  poll_has_failed_ = false;
  polls_out_ = 1;
  poll(sessions);
  if (--polls_out_ == 0) polled();
}

void log_ends::poll(std::span<const session_key> sessions) {
  for (auto left = sessions; !left.empty() && !poll_has_failed_;) {
    const auto some = left.first(std::min(left.size(), max_sessions));
    left = left.subspan(some.size());
    poll_some({some.begin(), some.end()});
  }
}

/// What one has found is no worse for being found beside the poll at hand.
void log_ends::poll_some(const std::vector<session_key>& sessions) {
  ++polls_out_;
  find_all(sessions, [this, sessions](const result<found>& ends) {
    if (!ends) poll_has_failed_ = true;
    for (std::size_t i = 0; ends && i < sessions.size(); ++i)
      if (const auto w = watched_.find(sessions[i]); w != watched_.end()) tell(w->second, (*ends)[i]);
    if (--polls_out_ == 0) polled();
  });
}

void log_ends::polled() {
  if (!claimed_.empty()) schedule_look_up();
  if (poll_has_failed_) return nobody_looks();
  looked_up_at_ = clock().now();
  if (looked_up_at_ >= set_clock_at_ + options_.clock_interval) set_clock();
  if (std::exchange(is_lost_, false)) spdlog::info("the ends of logs are known again");
}

/// Those that are followed (fewer while links tell), and of the others as many as it takes to look at each
/// once in an interval.
std::vector<session_key> log_ends::due_sessions() {
  std::vector<session_key> due;
  const auto slower = static_cast<std::uint64_t>(
      std::max<std::int64_t>(1, options_.pushed_interval / options_.follow_interval));
  const bool all_tell = options_.nodes && options_.nodes->is_linked_to_all();
  ++round_;
  for (const auto& [key, w] : watched_) {
    if (w.pace == watch_pace::seldom) continue;
    const bool is_told = w.pace == watch_pace::pushed || (w.pace == watch_pace::written && all_tell);
    if (!is_told || (static_cast<std::uint64_t>(key) + round_) % slower == 0) due.push_back(key);
  }
  const auto rounds =
      static_cast<std::size_t>(std::max<std::int64_t>(1, options_.interval / options_.follow_interval));
  auto share = watched_.empty() ? 0 : (watched_.size() - 1) / rounds + 1;
  auto i = watched_.upper_bound(looked_at_);
  for (; share > 0; --share, ++i) {
    if (i == watched_.end()) {
      looked_at_ = 0;
      break;  // it begins anew in the next round
    }
    looked_at_ = i->first;
    if (i->second.pace == watch_pace::seldom) due.push_back(i->first);
  }
  return due;
}

void log_ends::tell(watched& w, const std::optional<written_end>& end) {
  const bool lacks_some = end && w.events && static_cast<std::int64_t>(end->mark.last_seq) < *w.events;
  if (w.told == end && !lacks_some) return;
  w.told = end;
  caf::anon_send(w.session, end_moved{end, false});
}

/// What was erased elsewhere meanwhile is not known here.
void log_ends::nobody_looks() {
  if (is_lost_ || clock().now() - looked_up_at_ < options_.trusted_for) return;
  is_lost_ = true;
  spdlog::warn("where logs end cannot be looked up: what is in memory is not shown until it can");
  for (const auto& [key, w] : watched_) caf::anon_send(w.session, end_moved{std::nullopt, true});
}

/// One server whose clock goes ahead must not date what all of them write.
void log_ends::set_clock() {
  set_clock_at_ = clock().now();
  if (!options_.clock || !store_) return;
  const auto asked = options_.clock->now();
  const auto theirs = store_->now();
  const auto answered = options_.clock->now();
  if (!theirs) return;  // it goes on as it did
  options_.clock->turn(*theirs - (asked + (answered - asked) / 2));
}

actor_status log_ends::describe() const {
  const auto now = clock().now();
  const auto followed =
      std::ranges::count_if(watched_, [](const auto& w) { return w.second.pace != watch_pace::seldom; });
  return {is_lost_ ? "lost" : "looking",
          {{"watched", static_cast<std::int64_t>(watched_.size())},
           {"followed", followed},
           {"waiting", static_cast<std::int64_t>(waiting_.size())},
           {"looked_up_ms_ago", wait_ms(looked_up_at_, now)},
           {"oldest_wait_ms", waiting_.empty() ? 0 : wait_ms(waiting_.front().since, now)}}};
}

}  // namespace sandbase
