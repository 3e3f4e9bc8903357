// SPDX-License-Identifier: Apache-2.0
// What sessions are at in workspaces that are watched, across a link: each node tells what its own sessions
// do, once, however many watch at the other end, and no faster than that takes it.
#include "actors/cluster/peer_gateway.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace sandbase {

namespace {

constexpr std::size_t push_bytes = std::size_t{64} * 1024;

}  // namespace

// --- watched here ------------------------------------------------------------------------------------

void peer_gateway::watch_there(const watched_workspaces& r) {
  auto keys = r.keys;
  std::ranges::sort(keys);
  if (keys == wanted_) return;
  wanted_ = std::move(keys);
  send_record(peer::watched{wanted_});
}

void peer_gateway::board_push_came(peer::board_push& r) {
  for (auto& c : r.changes)
    send(options_.board, session_news{r.workspace, c.session, {}, false, c.is_deleted, std::move(c.summary)});
  send_record(peer::board_push_taken{r.workspace});
}

// --- watched at the other end --------------------------------------------------------------------------

void peer_gateway::watch_here(const peer::watched& r) {
  for (auto i = boards_.begin(); i != boards_.end();) {
    if (std::ranges::count(r.workspaces, i->first) > 0) {
      ++i;
      continue;
    }
    send(options_.board, unwatch_board{i->first, self()});
    i = boards_.erase(i);
  }
  for (const auto workspace : r.workspaces) {
    const auto [i, is_new] = boards_.try_emplace(workspace);
    if (!is_new) continue;
    i->second.number = next_number_++;
    request(options_.board, caf::infinite, watch_board{workspace, self(), true})
        .then(
            [this, workspace, number = i->second.number](const board_watched& from) {
              auto* b = board_of(workspace, number);
              if (!b) return;
              b->told = from.number;
              b->is_out = false;
            },
            [](const caf::error&) {});  // the board is gone: so is the node
  }
}

peer_gateway::watched_board* peer_gateway::board_of(workspace_key workspace, std::uint64_t number) {
  const auto i = boards_.find(workspace);
  return i == boards_.end() || i->second.number != number ? nullptr : &i->second;
}

void peer_gateway::forget_boards() {
  for (const auto& [workspace, b] : std::exchange(boards_, {}))
    caf::anon_send(options_.board, unwatch_board{workspace, self()});
}

void peer_gateway::board_has_moved(const board_moved& r) {
  send(options_.board, board_seen{r.workspace, self()});
  push_board(r.workspace);
}

void peer_gateway::push_board(workspace_key workspace) {
  const auto i = boards_.find(workspace);
  if (i == boards_.end() || std::exchange(i->second.is_out, true)) return;
  constexpr bool own_only = true;
  request(options_.board, caf::infinite, pull_board{workspace, i->second.told, push_bytes, own_only})
      .then(
          [this, workspace, number = i->second.number](const board_page& page) {
            auto* b = board_of(workspace, number);
            if (!b) return;
            b->told = page.reached;
            b->is_out = !page.entries.empty();
            if (!b->is_out) return;
            peer::board_push push{workspace, {}};
            for (const auto& e : page.entries)
              push.changes.push_back({e->session, e->is_deleted, e->summary});
            send_record(push);
          },
          [](const caf::error&) {});
}

void peer_gateway::board_push_taken(workspace_key workspace) {
  const auto i = boards_.find(workspace);
  if (i == boards_.end()) return;
  i->second.is_out = false;
  push_board(workspace);
}

}  // namespace sandbase
