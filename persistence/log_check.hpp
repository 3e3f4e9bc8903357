// SPDX-License-Identifier: Apache-2.0
// Looking whether what is stored of a session is a log: gapless from event 1 on, chained, each event found by
// its id, and its header the fold of it. Whoever keeps logs hands over what he has; nothing is read here.
#pragma once

#include "events/log/log_block.hpp"
#include "events/session/log_fold.hpp"
#include "persistence/records.hpp"
#include "persistence/store_error.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sandbase {

/// Told one sentence for each fault that is found.
using problem_fn = std::function<void(const std::string&)>;
/// Which of these ids of a session stand in the side table, and the places noted there.
using noted_ids_fn =
    std::function<std::map<std::string, seq_t, std::less<>>(const std::vector<std::string_view>& ids)>;

/// Of one session; calls in this order. A call may throw `corrupt` (store_error.hpp): behind such a place the
/// log is not judged.
class log_check {
 public:
  /// `problem` is told which session it is.
  log_check(session_row row, noted_ids_fn noted, const problem_fn& problem)
      : row_(std::move(row)), noted_(std::move(noted)), problem_(problem) {}

  void begin() { check_progress(); }
  void take_segment(const log_block& block);
  /// What else says where the segments end: the chain there.
  void end_segments(const digest& sealed_head);
  void take_unsealed(seq_t seq, const journal_event& event);
  /// `noted`: ids in the side table, in all.
  void end(std::int64_t noted);

  /// Of the last event taken.
  seq_t last_seq() const noexcept { return fold_.last_seq(); }
  const digest& head() const { return fold_.head(); }
  const session_row& row() const noexcept { return row_; }
  void tell(std::string_view what) const;

 private:
  using noted_map = std::map<std::string, seq_t, std::less<>>;

  stored_event take(seq_t seq, std::string_view json, const event_proof& proof, const digest* stored_head,
                    const noted_map& noted);
  void check_marks(const log_block& block, seq_t seq, const stored_event& event) const;
  void check_id(seq_t seq, std::string_view id, const noted_map& noted);
  void check_progress() const;

  const session_row row_;
  const noted_ids_fn noted_;
  const problem_fn& problem_;
  log_fold fold_;
  std::int64_t noted_ids_ = 0;
};

}  // namespace sandbase
