// SPDX-License-Identifier: Apache-2.0
// The reading side of a store. Blocking calls, errors as values, no actors.
#pragma once

#include "events/base/result.hpp"
#include "events/log/event_selection.hpp"
#include "events/log/log_slice.hpp"
#include "persistence/records.hpp"
#include "persistence/session_query.hpp"

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace sandbase {

/// What is walked: events in (after, up_to], from the front or `backwards`.
struct search_range {
  seq_t after = 0;
  seq_t up_to = 0;
  bool backwards = false;
};
/// Where a search has got to. What is left: forwards (reached, up_to], backwards (after, reached].
struct search_result {
  seq_t reached = 0;
  /// The next event of what is left is one that was looked for.
  bool found = false;
  /// What is left lies beyond the bounds of time: nothing of it can match.
  bool through = false;
};

/// The reading side, on a connection of its own; sees what was committed
/// before each call, and waits for no commit that is under way. One thread at a time.
class event_reader {
 public:
  virtual ~event_reader() = default;

  /// The session with the end of its log; empty if there is none. Shows at least what was committed before
  /// the call. `corrupt`: its log is damaged.
  virtual result<std::optional<log_end>> find_session(workspace_key workspace, std::string_view id) = 0;
  virtual result<std::optional<log_end>> find_session(session_key session) = 0;
  /// Headers as of their last durable events, but for what only a reader of the log knows (pending tool uses:
  /// as of the last status change). Looks only at sessions of the agent, if one is asked for, and at archived
  /// ones only if they are. `enough`, asked behind each row that was looked at: whether the page shall end
  /// where it is.
  virtual result<session_page> list_sessions(const session_query& query,
                                             const std::function<bool()>& enough) = 0;

  /// Whole segments that hold events in (after, up_to], oldest first, until
  /// `max_bytes` of frames are reached (at least one). Spans are cut to the range.
  /// Empty if none are sealed there. `not_found` if the session is deleted, `corrupt` if a checksum or a gap
  /// says so.
  virtual result<log_slice> read(session_key session, seq_t after, seq_t up_to, std::size_t max_bytes) = 0;
  /// The same towards the front: the last segments that hold events in
  /// [from, before), still oldest first in the slice.
  virtual result<log_slice> read_back(session_key session, seq_t from, seq_t before,
                                      std::size_t max_bytes) = 0;
  /// Looks for the next sealed event that `what` selects. Reads marks, and events only where they cannot
  /// tell. `enough`, asked between segments: whether it shall end where it is. It always gets ahead.
  /// Fails as read().
  virtual result<search_result> search(session_key session, const search_range& range,
                                       const event_selection& what, const std::function<bool()>& enough) = 0;
  /// The place of an id among sealed events and the side table, verified; empty if the session never had it.
  virtual result<std::optional<seq_t>> find_event(session_key session, std::string_view id) = 0;
  /// Of a session that was deleted lately; for deletion_ttl at least.
  virtual result<std::optional<deletion_record>> find_deletion(workspace_key workspace,
                                                               std::string_view id) = 0;
  virtual result<std::optional<idempotency_record>> find_idempotency(workspace_key workspace,
                                                                     session_key session,
                                                                     std::string_view key) = 0;
  /// By SHA-256 of the whole key; revoked ones are returned too.
  virtual result<std::optional<api_key>> find_key(const digest& hash) = 0;
  virtual result<std::optional<api_key>> find_key(api_key_id id) = 0;

  /// Lets go of what it keeps in memory of earlier reads, if an event was erased since the last call: it may
  /// be among that. To be called now and then while nothing is read.
  virtual void forget_erased() = 0;
};

}  // namespace sandbase
