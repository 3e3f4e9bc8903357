// SPDX-License-Identifier: Apache-2.0
#include "actors/board/session_board.hpp"

#include "actors/caf/harden.hpp"
#include "actors/diagnostics/wait_times.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace sandbase {

session_board::session_board(caf::actor_config& cfg, board_options options)
    : board_actor::base(cfg), options_(std::move(options)) {
  harden(this);
}

board_actor::behavior_type session_board::make_behavior() {
  return {
      [this](const watch_board& r) { return watch(r); },
      [this](const pull_board& r) { return pull(r); },
      [this](const unwatch_board& r) { unwatch(r); },
      [this](const board_seen& r) { seen(r); },
      [this](const session_news& r) { take(r); },
      [this](const describe_actor&) { return describe(); },
      [this](const board_tick&) { tick(); },
      [this](const board_link_tick&) { look_elsewhere(); },
  };
}

void session_board::on_exit() {
  options_.is_watched->store(false);
  workspaces_.clear();
  waiting_.clear();
  options_.lister = nullptr;
  options_.nodes = nullptr;
}

// --- who watches ------------------------------------------------------------------------------------

board_watched session_board::watch(const watch_board& r) {
  auto& w = workspaces_[r.workspace];
  auto& watchers = w.watchers;
  if (watchers.empty()) w.number = ++watched_so_far_;
  const bool was_watched_here = w.is_watched_here();
  auto i = std::ranges::find(watchers, r.from, &watcher::thread);
  if (i == watchers.end()) i = watchers.insert(i, {r.from, r.is_link, 0, last_, false});
  ++i->streams;
  options_.is_watched->store(true);
  if (others_write() && !was_watched_here && !r.is_link) looks_elsewhere_ ? tell_links() : look_elsewhere();
  return {last_};
}

void session_board::unwatch(const unwatch_board& r) {
  const auto found = workspaces_.find(r.workspace);
  if (found == workspaces_.end()) return;
  auto& watchers = found->second.watchers;
  const auto i = std::ranges::find(watchers, r.from, &watcher::thread);
  if (i == watchers.end() || --i->streams > 0) return;
  watchers.erase(i);
  if (watchers.empty()) workspaces_.erase(found);
  options_.is_watched->store(!workspaces_.empty());
  tell_links();
}

board_page session_board::pull(const pull_board& r) const {
  const auto found = workspaces_.find(r.workspace);
  if (found == workspaces_.end()) return {{}, r.after, true};
  return found->second.changes.page(r.after, r.max_bytes, r.own_only);
}

void session_board::seen(const board_seen& r) {
  const auto found = workspaces_.find(r.workspace);
  if (found == workspaces_.end()) return;
  for (auto& w : found->second.watchers)
    if (w.thread == r.from) w.is_busy = false;
  schedule_tick();
}

// --- what changes -----------------------------------------------------------------------------------

void session_board::take(const session_news& r) {
  if (r.from) waiting_.push_back({r.from, now() + session_interval});
  const auto found = workspaces_.find(r.workspace);
  if (found != workspaces_.end() && found->second.changes.add(r, last_ + 1)) {
    ++last_;
    if (now() - told_at_ >= tick_interval) tell(r.workspace, found->second);
  }
  schedule_tick();
}

void session_board::tell(workspace_key key, workspace& w) {
  const auto end = w.changes.last();
  for (auto& to : w.watchers) {
    if (to.is_busy || to.told >= end) continue;
    to.is_busy = true;
    to.told = end;
    send(to.thread, board_moved{key, end});
    told_at_ = now();
  }
}

void session_board::tick() {
  tick_scheduled_ = false;
  for (; !waiting_.empty() && waiting_.front().until <= now(); waiting_.pop_front())
    send(waiting_.front().session, news_taken{});
  for (auto& [key, w] : workspaces_) tell(key, w);
  schedule_tick();
}

/// Only while there is something to do: who is busy says when it is not.
void session_board::schedule_tick() {
  if (tick_scheduled_) return;
  const auto is_behind = [](const auto& entry) {
    const auto& w = entry.second;
    return std::ranges::any_of(
        w.watchers, [end = w.changes.last()](const watcher& to) { return !to.is_busy && to.told < end; });
  };
  if (waiting_.empty() && !std::ranges::any_of(workspaces_, is_behind)) return;
  tick_scheduled_ = true;
  delayed_send(this, tick_interval, board_tick{});
}

actor_status session_board::describe() const {
  std::int64_t streams = 0, entries = 0, bytes = 0;
  for (const auto& [key, w] : workspaces_) {
    for (const auto& to : w.watchers) streams += static_cast<std::int64_t>(to.streams);
    entries += static_cast<std::int64_t>(w.changes.size());
    bytes += static_cast<std::int64_t>(w.changes.bytes());
  }
  const auto oldest = waiting_.empty() ? now() : waiting_.front().until - session_interval;
  return {workspaces_.empty() ? "idle" : "serving",
          {{"workspaces", static_cast<std::int64_t>(workspaces_.size())},
           {"streams", streams},
           {"entries", entries},
           {"bytes", bytes},
           {"changes", static_cast<std::int64_t>(last_)},
           {"waiting_sessions", static_cast<std::int64_t>(waiting_.size())},
           {"oldest_wait_ms", wait_ms(oldest, now())}}};
}

}  // namespace sandbase
