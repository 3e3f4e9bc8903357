// SPDX-License-Identifier: Apache-2.0
// Compares a session of an import with the one that the store has: importing the same file twice changes
// nothing.
#pragma once

#include "events/log/log_slice.hpp"
#include "persistence/transfer/transfer_line.hpp"

namespace sandbase {

/// Compares what the file has: all fields of its header that are not computed from the log; each event's type
/// and payload, id, time and salt if given. Failures are `conflict` and name what differs.
class session_comparison {
 public:
  /// `stored`: as of its last event.
  session_comparison(header_line given, session_header stored);

  /// The headers. To be called first, and once: what was given is not kept.
  result<void> compare_headers();
  /// Whether stored events behind events() have to be given before the next call.
  bool needs_events() const noexcept { return compared_ < end_ && held_.empty(); }
  /// @pre needs_events() `corrupt` unless they go on where those before ended.
  result<void> give(log_slice stored);
  /// The next event of the file. @pre !needs_events()
  result<void> compare(const event_line& event);
  /// The file has no further event.
  result<void> finish() const;

  /// How many are compared.
  seq_t events() const noexcept { return compared_; }
  /// Whether the header tells so many events.
  bool is_complete() const noexcept { return given_.header.expected_events == compared_; }

 private:
  /// From compare_headers() on without its text, which may be long.
  header_line given_;
  session_header stored_;
  seq_t end_;
  seq_t compared_ = 0;
  /// Of the events compared, as if they had no salts; for a file that has none.
  digest unsalted_head_{};
  bool has_salts_ = false;
  /// Stored events behind compared_.
  log_slice held_;
};

}  // namespace sandbase
