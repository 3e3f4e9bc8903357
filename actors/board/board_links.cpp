// SPDX-License-Identifier: Apache-2.0
// How the board hears of what other nodes do.
#include "actors/board/session_board.hpp"
#include "actors/caf/timeouts.hpp"

#include <caf/send.hpp>

#include <vector>

namespace sandbase {

/// As often as there may be new ones: who has heard it before does nothing.
void session_board::tell_links() {
  if (!options_.nodes) return;
  watched_workspaces all;
  for (const auto& [key, w] : workspaces_)
    if (w.is_watched_here()) all.keys.push_back(key);
  for (const auto& link : options_.nodes->links()) send(link, all);
}

void session_board::look_elsewhere() {
  looks_elsewhere_ = false;
  tell_links();
  bool any = false;
  for (auto& [key, w] : workspaces_) {
    if (!w.is_watched_here()) continue;
    any = true;
    if (options_.lister && !w.is_listing && now() >= w.next_list) list(key, w);
  }
  if (!any) return;
  looks_elsewhere_ = true;
  delayed_send(this, link_interval, board_link_tick{});
}

void session_board::list(workspace_key key, workspace& w) {
  list_sessions ask;
  ask.query.workspace = key;
  ask.query.limit = listed_sessions;
  ask.query.include_archived = true;
  ask.as = listed_as::summary;
  // The second time soon: what has changed before the others knew that it is watched.
  w.next_list = now() + (w.listed.is_empty() ? 2 * link_interval : list_interval);
  w.is_listing = true;
  const auto mine = [this, key, number = w.number]() -> workspace* {
    const auto i = workspaces_.find(key);
    return i == workspaces_.end() || i->second.number != number ? nullptr : &i->second;
  };
  request(options_.lister, caf::duration{read_timeout}, std::move(ask))
      .then(
          [this, key, mine](const session_list& found) {
            auto* to = mine();
            if (!to) return;
            to->is_listing = false;
            for (const auto& news : to->listed.compare(key, found)) take(news);
          },
          [mine](const caf::error&) {
            if (auto* to = mine()) to->is_listing = false;
          });
}

}  // namespace sandbase
