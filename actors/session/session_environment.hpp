// SPDX-License-Identifier: Apache-2.0
// What every session of a node shares. Outlives them.
#pragma once

#include "actors/actors.hpp"
#include "actors/bounds/byte_account.hpp"
#include "actors/bounds/try_account.hpp"
#include "actors/diagnostics/node_counts.hpp"
#include "actors/diagnostics/service_gate.hpp"
#include "actors/placement/placement.hpp"
#include "events/base/wall_clock.hpp"
#include "persistence/event_store.hpp"
#include "persistence/records.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace sandbase {

struct session_environment {
  /// At least one, but for an edge. Each writes its share of the sessions.
  std::vector<journal_actor> journals;
  /// At least one.
  std::vector<reader_actor> readers;
  /// Null where only this process writes the store.
  ends_actor ends;
  /// Of an edge, a node without a store: who has done what changes a session. Null where there is a store.
  core_actor core;
  /// Tells who watches workspaces. Null: there is none.
  board_actor board;
  /// Whether somebody watches one: else there is nothing to tell the board.
  std::shared_ptr<std::atomic<bool>> is_watched = std::make_shared<std::atomic<bool>>(false);
  /// This process, as others know it; 0: they do not.
  node_id self = 0;
  /// Which node owns what; null where there are no links.
  std::shared_ptr<const sandbase::placement> placement;
  /// Of the node.
  std::shared_ptr<const service_gate> gate = std::make_shared<service_gate>();
  /// What all of them are at.
  std::shared_ptr<node_counts> counts = std::make_shared<node_counts>();
  /// Bytes of sealed blocks that sessions may keep.
  std::shared_ptr<byte_account> cache;
  /// Of these, one session's share.
  std::size_t cache_per_session = 1024 * 1024;
  /// A session that nobody uses and nobody follows goes after so long.
  std::chrono::milliseconds idle_timeout{300'000};
  /// So many have actors; more make the least recently used ones go.
  std::size_t max_active = 40'000;
  /// Of these at most so many are on their way out at once.
  std::size_t max_retiring = 256;
  /// What they remember together for the retries of SDKs.
  std::shared_ptr<try_account> tries = std::make_shared<try_account>();
  std::shared_ptr<const wall_clock> clock = std::make_shared<wall_clock>();

  bool tells_board() const { return board && is_watched->load(); }
  const journal_actor& journal_of(session_key session) const {
    return journals[lane_of(session, journals.size())];
  }
  /// For a session that has no key yet: any of them will do, the same for the same name.
  const journal_actor& journal_for(std::string_view name) const {
    return journals[std::hash<std::string_view>{}(name) % journals.size()];
  }
  const reader_actor& reader_of(session_key session) const {
    return readers[static_cast<std::size_t>(session) % readers.size()];
  }
};

}  // namespace sandbase
