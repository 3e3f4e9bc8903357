// SPDX-License-Identifier: Apache-2.0
// What all connections of a server share.
#pragma once

#include "actors/bounds/byte_account.hpp"
#include "actors/diagnostics/call_watch.hpp"
#include "actors/diagnostics/service_gate.hpp"
#include "actors/messages/all.hpp"
#include "events/base/timestamp.hpp"
#include "events/base/wall_clock.hpp"
#include "http/io/key_budgets.hpp"
#include "http/io/options.hpp"
#include "http/io/stall_board.hpp"
#include "http/io/stream_places.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

namespace sandbase {

/// Counts since the start. Any thread.
struct http_counters {
  /// Open now.
  std::atomic<std::int64_t> connections{0};
  /// Answered 503 because too many are open.
  std::atomic<std::uint64_t> turned_away{0};
  std::atomic<std::uint64_t> requests{0};
  /// Answers with a 5xx status.
  std::atomic<std::uint64_t> server_errors{0};
  std::atomic<std::uint64_t> replays{0};
  std::atomic<std::uint64_t> follows{0};
  /// Streams of all sessions of a workspace.
  std::atomic<std::uint64_t> watches{0};
};

/// What is behind the HTTP layer.
struct service_actors {
  directory_actor directory;
  /// At least one.
  std::vector<reader_actor> readers;
  /// The reader that lists sessions.
  reader_actor lister;
  std::shared_ptr<const wall_clock> clock = std::make_shared<wall_clock>();
  /// Of those who watch workspaces.
  board_actor board{};
  /// Of who writes.
  call_watches commits{};
  /// Of the status page.
  status_actor status{};
  /// For imports; none: this is an edge.
  std::vector<staging_actor> journals{};
  std::shared_ptr<const service_gate> gate = std::make_shared<service_gate>();
  /// Other nodes may own sessions: appends go along as they came.
  bool forwards_appends = false;
  /// There is no store here: whoever has it is asked, and does what changes a session.
  bool is_edge = false;
};

/// Outlives every io thread. After the start only atomics, accounts and
/// the registry change, so any thread may use it.
struct server_state {
  server_state(http_options o, service_actors a)
      : options(std::move(o)),
        actors(std::move(a)),
        bytes_in(std::make_shared<byte_account>(options.max_bytes_in)),
        bytes_out(options.max_bytes_out),
        keys(options.max_bytes_in_per_key, options.max_bytes_in_per_workspace) {}

  /// A reader, the same for the same hint. @pre !actors.readers.empty()
  const reader_actor& reader(std::size_t hint) const { return actors.readers[hint % actors.readers.size()]; }
  timestamp now() const { return actors.clock->now(); }

  const http_options options;
  const service_actors actors;
  /// Shared with the requests, some of which outlive this.
  const std::shared_ptr<byte_account> bytes_in;
  byte_account bytes_out;
  stall_board stalls;
  key_budgets keys;
  stream_places places;
  std::atomic<bool> draining{false};
  http_counters counters;
};

}  // namespace sandbase
