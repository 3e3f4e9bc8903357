// SPDX-License-Identifier: Apache-2.0
// Writes one imported session: gives ids and times where the file has
// none, keeps the hash chain, folds the status.
#pragma once

#include "config/commands/import_source.hpp"
#include "events/log/log_block.hpp"
#include "events/session/session.hpp"
#include "persistence/backend.hpp"

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace sandbase {

/// Holds one block in memory, however long the session is. Destruction before finish() leaves nothing of it.
class session_writer {
 public:
  /// `now`: the time of a session that has none anywhere, and what no event may be far ahead of.
  session_writer(std::unique_ptr<session_import> target, header_line header, timestamp now);

  /// Failure: the times decrease or lie ahead of the clock, or the id was there before; names the line.
  result<void> add(const event_line& line);
  /// Failure: the header's `log` disagrees with what came; names the header's line.
  result<void> finish();

  seq_t events() const noexcept { return progress_.tip.last_seq; }

 private:
  exact_time time_of(const event_draft& draft) const;
  result<void> check_id(std::string_view id, seq_t seq, std::size_t line);
  /// Hands the current block over. Failures name the line.
  result<void> flush();

  std::unique_ptr<session_import> target_;
  header_line header_;
  timestamp now_;
  log_block_builder builder_;
  session_progress progress_;
  bool has_created_at_;
  /// Of the last event taken.
  std::size_t last_line_ = 0;
  /// An id of the current block that does not tell its place.
  struct foreign_id {
    std::string id;
    seq_t seq;
    std::size_t line;
  };
  std::vector<foreign_id> foreign_ids_;
  /// Foreign ids that tell a later place, by that place: the event there must not have the same.
  std::unordered_multimap<seq_t, std::string> told_too_early_;
};

}  // namespace sandbase
