// SPDX-License-Identifier: Apache-2.0
// Slices of a log, as sessions and readers are asked for them.
#pragma once

#include "actors/actors.hpp"
#include "events/log/event_selection.hpp"
#include "events/log/log_slice.hpp"
#include "persistence/event_reader.hpp"
#include "persistence/event_store.hpp"

#include <memory>
#include <optional>

namespace sandbase {

/// Events in (after, up_to], as many as fit max_bytes but at least one if there is one.
/// @pre up_to is at most an `end` that this session has told
struct pull_request {
  seq_t after = 0;
  seq_t up_to = 0;
  std::size_t max_bytes = 0;
  /// The last of the range instead of the first; still oldest first within the slice.
  bool backwards = false;
  /// Of this session and no other that has its id by now; 0: of whichever has. Else `not_found`.
  session_key log = 0;
};
/// Whether a log can grow.
enum class log_state : std::uint8_t { open, terminated, archived, deleted };
struct pull_answer {
  log_slice slice;
  /// Where the slice starts: the cursor asked for, resolved.
  seq_t after = 0;
  /// Whose log: what a further question about it names.
  session_key log = 0;
  /// The log's last durable event when the request was accepted; for a pull at most up_to.
  seq_t end = 0;
  /// The session itself answered, with everything up to its end: what comes next is published.
  bool live = false;
  /// As of `end`.
  log_state state = log_state::open;
  /// The event at `after`, if it was asked for and there is one.
  std::optional<block_span> at_cursor;
};

/// @pre as for pull_request. Takes a bounded time: who gets an answer that is neither found nor through asks
/// again for what is left.
struct search_request {
  search_range range;
  std::shared_ptr<const event_selection> what;
  /// As pull_request::log.
  session_key log = 0;
};
struct search_answer {
  search_result result;
};

}  // namespace sandbase
