// SPDX-License-Identifier: Apache-2.0
// The board: how the sessions of a workspace stand that have changed since somebody watches it. A log of
// changes in which each session stands once, at its last one; so who is slow misses states, not sessions, and
// costs nothing.
//
// Sessions of this node tell it themselves. Where other nodes write too, those that are linked push what
// theirs do, and the store's list of the newest sessions is read again now and then, for all others.
#pragma once

#include "actors/board/listed_workspace.hpp"
#include "actors/board/workspace_changes.hpp"
#include "actors/messages/all.hpp"
#include "actors/placement/placement.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

namespace sandbase {

struct board_options {
  /// Told whether there is anything to be told.
  std::shared_ptr<std::atomic<bool>> is_watched;
  /// Whose list is read again. Null: nobody else writes the store.
  reader_actor lister;
  /// The nodes that are linked. Null: none ever is.
  std::shared_ptr<const placement> nodes;
};

class session_board final : public board_actor::base {
 public:
  /// Between two states of one session: at most four in a second.
  static constexpr std::chrono::milliseconds session_interval{250};
  /// Between two messages to one thread.
  static constexpr std::chrono::milliseconds tick_interval{50};
  /// Between two looks at who is linked.
  static constexpr std::chrono::milliseconds link_interval{500};
  /// Between two lists of one workspace: what nobody tells of is shown 10 s later at most.
  static constexpr std::chrono::milliseconds list_interval{8'000};
  /// Sessions of such a list.
  static constexpr std::size_t listed_sessions = 1000;

  session_board(caf::actor_config& cfg, board_options options);

  const char* name() const override { return "session_board"; }

 protected:
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  using time_point = caf::actor_clock::time_point;
  struct watcher {
    fan_out_actor thread;
    bool is_link = false;
    std::size_t streams = 0;
    /// What it was told last.
    change_number told = 0;
    /// It has not said that it has handed that on.
    bool is_busy = false;
  };
  struct workspace {
    bool is_watched_here() const { return std::ranges::count(watchers, false, &watcher::is_link) > 0; }

    workspace_changes changes;
    std::vector<watcher> watchers;
    listed_workspace listed;
    bool is_listing = false;
    time_point next_list{};
    /// Tells it from one that was watched before.
    std::uint64_t number = 0;
  };
  /// A session that waits for its news to be taken.
  struct waiting {
    session_actor session;
    time_point until{};
  };

  board_watched watch(const watch_board& r);
  void unwatch(const unwatch_board& r);
  board_page pull(const pull_board& r) const;
  void take(const session_news& r);
  void seen(const board_seen& r);
  void tick();
  void tell(workspace_key key, workspace& w);
  void schedule_tick();
  // Where others write too (board_links.cpp).
  void tell_links();
  void look_elsewhere();
  void list(workspace_key key, workspace& w);
  bool others_write() const { return options_.lister || options_.nodes; }
  actor_status describe() const;
  time_point now() const { return home_system().clock().now(); }

  board_options options_;
  std::unordered_map<workspace_key, workspace> workspaces_;
  change_number last_ = 0;
  std::uint64_t watched_so_far_ = 0;
  std::deque<waiting> waiting_;
  time_point told_at_{};
  bool tick_scheduled_ = false;
  bool looks_elsewhere_ = false;
};

}  // namespace sandbase
