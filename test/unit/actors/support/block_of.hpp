// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "events/event/catalog.hpp"
#include "events/ids/event_id.hpp"
#include "events/log/log_block.hpp"

#include <chrono>

namespace sandbase::test {

/// Of so many messages of users, from this place on.
inline log_block_ptr block_of(seq_t first, int count) {
  const timestamp at{std::chrono::seconds{1}};
  log_block_builder b{first, digest{}};
  for (int i = 0; i < count; ++i) {
    const auto id = make_event_id(at, first + static_cast<seq_t>(i), 7);
    b.add(event_type::user_message, id, at,
          R"({"id":")" + id + R"(","type":"user.message","processed_at":"2026-01-01T00:00:00Z"})");
  }
  return b.finish();
}

}  // namespace sandbase::test
