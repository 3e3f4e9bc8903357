// SPDX-License-Identifier: Apache-2.0
// What whoever looks for the ends of logs is sent, and what it answers and tells.
#pragma once

#include "actors/actors.hpp"
#include "persistence/records.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

namespace sandbase {

struct find_end {
  session_key session = 0;
};
struct found_end {
  /// Empty: the session is deleted.
  std::optional<written_end> end;
};
/// How soon a session has to hear of what others write.
enum class watch_pace : std::uint8_t {
  /// Nobody follows it here.
  seldom,
  /// It is followed, and whoever writes it pushes.
  pushed,
  /// It is followed, and written here.
  written,
  closely
};
struct watch_end {
  session_key key = 0;
  session_actor session;
  watch_pace pace = watch_pace::seldom;
  /// What it knows: only what differs is told.
  written_end known;
  /// How many events it knows from then on: where fewer are found it is told, though it was told of the same
  /// before, as the others are lost.
  std::shared_ptr<const std::atomic<std::int64_t>> events;
};
struct unwatch_end {
  session_key key = 0;
};
struct end_moved {
  /// Empty: it is deleted.
  std::optional<written_end> end;
  /// Nobody could look for so long that what is in memory must not be shown before it is known to be the
  /// log's.
  bool is_lost = false;
};
struct look_at_end {
  session_key session = 0;
};
struct look_up_ends {};
struct poll_ends {};

}  // namespace sandbase
