// SPDX-License-Identifier: Apache-2.0
// What sessions and fan_outs tell each other.
#pragma once

#include "actors/actors.hpp"
#include "actors/messages/slices.hpp"
#include "events/event/event_draft.hpp"
#include "events/log/log_slice.hpp"
#include "persistence/event_store.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sandbase {

/// At most max_unacknowledged of these are on their way to a fan_out; beyond that it is told the end only,
/// later. Events that have previews between them go in several, which count as one until they are
/// acknowledged.
struct published {
  session_key session = 0;
  /// The new events; empty: they have to be pulled.
  log_slice slice;
  /// The log's last durable event, as far as it may be shown: what stands behind it is told next.
  seq_t end = 0;
  log_state state = log_state::open;
  /// The event that tells of the deletion, JSON; only with log_state::deleted.
  std::shared_ptr<const std::string> farewell;
  /// As of `end`: for who keeps what it hears.
  epoch_t epoch = 0;
  seq_t sealed_seq = 0;
};
/// At most max_unacknowledged_previews of these are; beyond that they are dropped. More than of what can be
/// pulled: a preview that is dropped takes the rest of its event with it.
struct previewed {
  session_key session = 0;
  /// The event that they come behind: who is not there gets no preview.
  seq_t end = 0;
  /// Others were dropped before these: what is open can make no sense any more.
  bool gap = false;
  std::vector<std::shared_ptr<const preview>> what;
};
struct published_ack {
  fan_out_actor from;
  bool of_previews = false;
};
inline constexpr int max_unacknowledged = 2;
inline constexpr int max_unacknowledged_previews = 64;
struct unfollow {
  fan_out_actor from;
};

}  // namespace sandbase
