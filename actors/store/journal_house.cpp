// SPDX-License-Identifier: Apache-2.0
// What the journal does beside commits: it asks for seals, keeps the store's house and has checkpoints made.
#include "actors/store/journal.hpp"

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace sandbase {

namespace {

using namespace std::chrono_literals;
using duration = std::chrono::steady_clock::duration;

/// Housekeeping may take a fifth of what commits leave free, and of the time of commits a twentieth, or half
/// when there will soon be no room or much of it is to be had. A step that took longer is paid for later.
constexpr auto busy_tick = 100ms;
constexpr auto quiet_tick = 1s;
constexpr duration max_house_time = 20ms;
constexpr duration max_house_debt = 100ms;
constexpr duration worthwhile_house_time = 2ms;
constexpr int idle_house_share = 5;
constexpr int house_share = 20;
constexpr int pressed_house_share = 2;

}  // namespace

void journal::begin_ticks() {
  house_earned_ = options_.stopwatch();
  delayed_send(this, busy_tick, journal_tick{});
}

void journal::tick() {
  flush();
  unstage_again();
  earn_house_time({});
  // Also while every commit fails: it may be what housekeeping makes room for.
  const auto was_idle = std::exchange(idle_, true);
  if (was_idle) house_time_ = max_house_time;
  if (house_time_ >= worthwhile_house_time) keep_house(true);
  if (was_idle) checkpoint_if_due(true);
  ask_for_seals();
  delayed_send(this, house_left_ ? busy_tick : quiet_tick, journal_tick{});
}

void journal::ask_for_seals() {
  for (const auto session : store_->wants_sealed(options_.stopwatch()))
    if (const auto w = writers_.find(session); w != writers_.end())
      caf::anon_send(w->second.session, seal_wanted{});
}

/// `commit`: the time that it took.
void journal::keep_house_beside(duration commit) {
  earn_house_time(commit);
  house_left_ = true;
  if (house_time_ >= worthwhile_house_time) keep_house(false);
}

void journal::earn_house_time(duration commit) {
  const auto now = options_.stopwatch();
  const auto free = std::max(duration::zero(), now - std::exchange(house_earned_, now) - commit);
  const auto unsealed = store_->unsealed();
  const auto share = unsealed.is_pressed || unsealed.is_behind ? pressed_house_share : house_share;
  house_time_ = std::min(max_house_time, house_time_ + free / idle_house_share + commit / share);
}

void journal::keep_house(bool idle) {
  const auto begin = options_.stopwatch();
  const auto end = begin + house_time_;
  auto more = [&] {
    const call_watch::guard waits{*options_.calls, clock().now()};
    return store_->housekeep({options_.clock->now(), idle, [&] { return options_.stopwatch() >= end; }});
  }();
  house_earned_ = options_.stopwatch();
  house_time_ = std::max(-max_house_debt, house_time_ - (house_earned_ - begin));
  house_left_ = more && *more;
  if (more)
    works(keeping_house_);
  else
    fails(keeping_house_, more.error());
  for (const auto& damage : store_->take_damage()) spdlog::error("{}", damage.message);
}

void journal::checkpoint_if_due(bool idle) {
  if (checkpointing_ || !store_->wants_checkpoint(idle)) return;
  checkpointing_ = true;
  send(options_.checkpointer, checkpoint_now{});
}

void journal::checkpointed(const checkpoint_done& r) {
  checkpointing_ = false;
  if (r.error.code != errc::none) return fails(checkpoints_, r.error);
  works(checkpoints_);
  const call_watch::guard waits{*options_.calls, clock().now()};
  if (auto rest = store_->finish_checkpoint(); !rest) fails(checkpoints_, rest.error());
}

// --- failures -----------------------------------------------------------------------------

void journal::fails(work& w, const failure& f) {
  const bool is_final = f.code == errc::io_failed || f.code == errc::outdated;
  if (!std::exchange(w.is_failing, true) || is_final) store_failed(f, w.failing);
}

void journal::works(work& w) {
  if (std::exchange(w.is_failing, false)) spdlog::info("the store {}", w.working);
}

void journal::store_failed(const failure& f, const char* what) {
  if (f.code == errc::outdated && options_.gate->close(f.message))
    spdlog::error("no more requests are taken: {}", f.message);
  if (options_.gate->why_closed() && f.code != errc::io_failed) return;  // all else comes of that
  spdlog::error("the store {}: {}", what, f.message);
  if (f.code == errc::io_failed) options_.fatal(f);
}

}  // namespace sandbase
