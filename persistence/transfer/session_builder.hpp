// SPDX-License-Identifier: Apache-2.0
// Makes one session out of the lines of an import: gives ids, times and salts where the file has none, keeps
// the hash chain, folds the status.
#pragma once

#include "events/log/log_block.hpp"
#include "events/session/log_fold.hpp"
#include "persistence/transfer/early_ids.hpp"
#include "persistence/transfer/transfer_line.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace sandbase {

/// An id that does not tell its place: only the store knows whether an earlier event has it.
struct foreign_id {
  std::string id;
  seq_t seq = 0;
  /// That it stands in.
  std::size_t line = 0;
};

/// A part of a session, ready to be written.
struct session_slice {
  /// Consecutive, behind those of the slice before.
  std::vector<log_block_ptr> blocks;
  /// Of the events in them.
  std::vector<foreign_id> foreign_ids;
  bool empty() const noexcept { return blocks.empty(); }
};

/// Holds in memory what was added and not yet taken.
class session_builder {
 public:
  /// `now`: the time of a session that has none anywhere, and what no time may be far ahead of.
  /// `max_line`: bytes of the longest line that an export of it may have.
  session_builder(header_line given, timestamp now, std::size_t max_line);

  /// To be called first. Failures name the field. `invalid`: a time lies ahead of the clock; `too_large`: the
  /// session object would be.
  result<void> check_header() const;
  /// @param line the number of the event's line
  /// Failures name the field. `invalid`: the times decrease or lie ahead of the clock, or the id was there
  /// before, or only some events have salts; `too_large`: it is longer in the form that is stored than a line
  /// may be.
  result<void> add(const event_line& event, std::size_t line);
  /// No event follows. Failure `invalid`: the header's `log` disagrees with what came, or what it tells in
  /// place of erased events does.
  result<void> finish();

  seq_t events() const noexcept { return fold_.last_seq(); }
  /// Whether the header tells so many events.
  bool is_complete() const noexcept { return given_.expected_events == events(); }

  /// Bytes that take_slice() would take.
  std::size_t bytes() const noexcept { return slice_bytes_; }
  /// What came since it was called last, in whole blocks; behind finish() all of it.
  session_slice take_slice();
  /// @pre finish() was successful
  session_header header() const;

 private:
  session_definition complete(session_definition d) const;
  exact_time time_of(const event_draft& draft) const;
  /// One that was given.
  result<void> check_id(std::string_view id, seq_t seq, std::size_t line);
  result<void> check_proof(const event_line& event, std::string_view json);
  void close_block();

  imported_header given_;
  /// The line that it stands in.
  std::string header_text_;
  timestamp now_;
  std::size_t max_line_;
  log_block_builder builder_;
  log_fold fold_;
  bool has_created_at_;
  /// The lines have salts; as the first one says.
  bool has_salts_ = false;
  /// Of the events, as if they had no salts; kept if they have none.
  digest unsalted_head_{};
  session_slice slice_;
  std::size_t slice_bytes_ = 0;
  /// Of the events in builder_.
  std::vector<foreign_id> foreign_ids_;
  early_ids early_ids_;
};

}  // namespace sandbase
