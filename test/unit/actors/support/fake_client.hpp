// SPDX-License-Identifier: Apache-2.0
// Clients that can be asked whether they have taken their answers, without connections.
#pragma once

#include "actors/messages/all.hpp"

#include <memory>

namespace sandbase::test {

/// As of an io thread with nothing but clients.
inline fan_out_actor::behavior_type asked_thread() {
  return {
      [](const published&) {},
      [](const previewed&) {},
      [](const board_moved&) {},
      [](const describe_actor&) {
        return actor_status{"fake", {}};
      },
      [](const receipt_query& q) { return receipt_told{q.of->look()}; },
  };
}

/// A connection as far as receipts go.
struct fake_client final : receipt::source {
  explicit fake_client(const fan_out_actor& thread) : its(std::make_shared<receipt>(thread, *this)) {}
  receipt::state look() override {
    ++looks;
    return now;
  }
  receipt::state now = receipt::state::open;
  int looks = 0;
  receipt_ptr its;
};

}  // namespace sandbase::test
