// SPDX-License-Identifier: Apache-2.0
// Reading a log from its events alone: what every reader of a stored log does, from the recovery of its end
// to the check of a whole store. Order, form and hash chain are verified, and the session's progress is
// folded.
#pragma once

#include "events/event/stored_event.hpp"
#include "events/log/log_walk.hpp"
#include "events/session/told_progress.hpp"

#include <optional>
#include <string_view>

namespace sandbase {

/// Takes the events of one log, one behind the other. Plain value; any thread.
class log_fold {
 public:
  /// Before the first event.
  log_fold() = default;
  /// Behind event `at`, whose chain is `head` if that is known. `known`: the progress as of an event at or
  /// behind `at`; events up to there are verified, those behind it are folded in as well.
  log_fold(seq_t at, const std::optional<digest>& head, session_progress known)
      : walk_(at, head), progress_(std::move(known)) {}

  /// Takes the next event in; `stored_head` is the chain that is kept beside it. `corrupt` if it is not the
  /// next, does not fit the chain, is no stored event, is erased and does not show it, or has not the head
  /// that `known` has for it; the fold is then of no more use. @returns its fixed parts, views into `json`
  result<stored_event> take(seq_t seq, std::string_view json, const event_proof& proof,
                            const digest& stored_head);
  /// The same for an event that has no head of its own beside it. @pre the head before it is known
  result<stored_event> take(seq_t seq, std::string_view json, const event_proof& proof);

  /// Of the last event taken, or where the fold began.
  seq_t last_seq() const noexcept { return walk_.last_seq(); }
  /// Chain after last_seq(). @pre it was given, or an event was taken
  const digest& head() const { return walk_.head(); }
  /// As of last_seq(), or of `known` as long as that is further along. What is no fold of events, who
  /// appended them, may be noted in it.
  session_progress& progress() noexcept { return progress_; }
  /// What progress() lacks because events were taken whose payload is erased. It is right in what ids, types
  /// and times tell.
  const untold_progress& untold() const noexcept { return untold_; }
  const session_progress& progress() const noexcept { return progress_; }

 private:
  result<stored_event> fold(std::string_view json, const event_proof& proof);

  log_walk walk_;
  session_progress progress_;
  untold_progress untold_;
};

}  // namespace sandbase
