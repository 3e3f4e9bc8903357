// SPDX-License-Identifier: Apache-2.0
// A thread with streams, as far as sessions see one: it takes what they publish.
#pragma once

#include "actors/messages/all.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <memory>
#include <string>
#include <vector>

namespace sandbase::test {

struct heard_by_thread {
  std::vector<published> events;
  std::vector<previewed> previews;
  bool acknowledges = true;

  std::vector<std::string> jsons() const {
    std::vector<std::string> all;
    for (const auto& p : events)
      for (const auto& span : p.slice.spans)
        for (auto seq = span.first; seq <= span.last; ++seq) all.emplace_back(span.block->json(seq));
    return all;
  }
};

inline fan_out_actor::behavior_type listening_thread(fan_out_actor::pointer self,
                                                     std::shared_ptr<heard_by_thread> heard) {
  const auto acknowledge = [=](bool of_previews) {
    if (heard->acknowledges)
      caf::anon_send(caf::actor_cast<session_actor>(self->current_sender()),
                     published_ack{fan_out_actor{self}, of_previews});
  };
  return {
      [=](const published& p) {
        heard->events.push_back(p);
        acknowledge(false);
      },
      [=](const previewed& p) {
        heard->previews.push_back(p);
        acknowledge(true);
      },
      [](const board_moved&) {},
      [](const describe_actor&) {
        return actor_status{"fake", {}};
      },
      [](const receipt_query& q) { return receipt_told{q.of->look()}; },
  };
}

}  // namespace sandbase::test
