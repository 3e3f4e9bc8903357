// SPDX-License-Identifier: Apache-2.0
// What the board of sessions is told, and what it tells those who watch a workspace.
#pragma once

#include "actors/actors.hpp"
#include "events/session/session_summary.hpp"
#include "persistence/records.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sandbase {

/// Counts the changes that a board has seen, of all workspaces.
using change_number = std::uint64_t;

/// How a session stands, as of its last change.
struct board_entry {
  change_number number = 0;
  /// 0: not known.
  session_key session = 0;
  /// This node has done it.
  bool is_own = false;
  bool is_deleted = false;
  /// Of a deleted one perhaps only the id.
  session_summary summary;
  /// render_summary() or render_deletion()
  std::string text;
};
using board_entry_ptr = std::shared_ptr<const board_entry>;

/// One more stream of that thread watches the workspace, until unwatch_board. What changes behind `number` is
/// told from then on: what was durable before is in the store.
struct watch_board {
  workspace_key workspace = 0;
  fan_out_actor from;
  /// A gateway, for its other end: no reason to ask others.
  bool is_link = false;
};
struct board_watched {
  change_number number = 0;
};
struct unwatch_board {
  workspace_key workspace = 0;
  fan_out_actor from;
};
/// The workspace has changed up to there; one for each workspace and thread is on its way at most, until
/// board_seen.
struct board_moved {
  workspace_key workspace = 0;
  change_number number = 0;
};
struct board_seen {
  workspace_key workspace = 0;
  fan_out_actor from;
};

/// Changes behind a number, oldest first, each session once, as many as fit `max_bytes` but at least one.
/// @pre the workspace is watched
struct pull_board {
  workspace_key workspace = 0;
  change_number after = 0;
  std::size_t max_bytes = 0;
  /// Only of what this node has done.
  bool own_only = false;
};
struct board_page {
  std::vector<board_entry_ptr> entries;
  /// Where to go on.
  change_number reached = 0;
  /// Some changes behind the number are forgotten: nothing is told, and `reached` is the last one.
  bool is_lost = false;
};

/// A session has changed, or is new.
struct session_news {
  workspace_key workspace = 0;
  /// 0: not known.
  session_key session = 0;
  /// Not null: is answered by news_taken, and sends no other before.
  session_actor from;
  /// Said by who writes the session here, or has made it: newer than all that was said before.
  bool is_own = false;
  bool is_deleted = false;
  session_summary summary;
};
struct news_taken {};

/// To the links: whose sessions are watched here. Again: the same.
struct watched_workspaces {
  std::vector<workspace_key> keys;
};

struct board_tick {};
struct board_link_tick {};

}  // namespace sandbase
