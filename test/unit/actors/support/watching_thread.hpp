// SPDX-License-Identifier: Apache-2.0
// A thread with streams that watch workspaces, as far as the board sees one: it pulls when it is told.
#pragma once

#include "actors/messages/all.hpp"

#include <caf/send.hpp>

#include <memory>
#include <string>
#include <vector>

namespace sandbase::test {

struct board_reading {
  board_actor board;
  change_number cursor = 0;
  std::vector<board_entry_ptr> entries;
  std::vector<change_number> moves;
  /// Says when it has handed on what it was told, and pulls.
  bool goes_on = true;

  /// `sess_a:idle sess_b:-`
  std::string told(bool clear = true) {
    std::string text;
    for (const auto& e : entries)
      text += (text.empty() ? "" : " ") + e->summary.id + ":" +
              (e->is_deleted ? "-" : std::string{to_string(e->summary.status)});
    if (clear) entries.clear();
    return text;
  }
};

inline fan_out_actor::behavior_type watching_thread(fan_out_actor::pointer self,
                                                    std::shared_ptr<board_reading> reading) {
  self->attach_functor([reading] { reading->board = nullptr; });
  return {
      [](const published&) {},
      [](const previewed&) {},
      [=](const board_moved& r) {
        reading->moves.push_back(r.number);
        if (!reading->goes_on) return;
        caf::anon_send(reading->board, board_seen{r.workspace, fan_out_actor{self}});
        self->request(reading->board, caf::infinite, pull_board{r.workspace, reading->cursor, 1'000'000})
            .then([reading](const board_page& page) {
              reading->entries.insert(reading->entries.end(), page.entries.begin(), page.entries.end());
              reading->cursor = page.reached;
            });
      },
      [](const describe_actor&) {
        return actor_status{"fake", {}};
      },
      [](const receipt_query&) { return receipt_told{}; },
  };
}

}  // namespace sandbase::test
