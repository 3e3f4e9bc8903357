// SPDX-License-Identifier: Apache-2.0
// Walking along a log: events in order, without gaps, each fitting the hash chain.
#pragma once

#include "events/base/result.hpp"
#include "events/ids/event_id.hpp"
#include "events/log/event_proof.hpp"
#include "events/log/hash_chain.hpp"

#include <optional>
#include <string_view>

namespace sandbase {

/// Stands behind one event of a log. Plain value; any thread.
class log_walk {
 public:
  /// Before the first event.
  log_walk() = default;
  /// Behind event `at`. Without its `head` the next event's own is believed.
  log_walk(seq_t at, const std::optional<digest>& head) : last_(at), head_(head) {}

  /// Goes on to the event `seq`, behind which the log is said to have `stored_head`. `corrupt` if it is not
  /// the next or does not fit the chain; the walk then stays where it is.
  result<void> step(seq_t seq, std::string_view json, const event_proof& proof, const digest& stored_head);
  /// The same for an event that has no head of its own beside it. @pre the head before it is known
  result<void> step(seq_t seq, std::string_view json, const event_proof& proof);

  seq_t last_seq() const noexcept { return last_; }
  /// Chain after last_seq(). @pre it was given, or an event was taken
  const digest& head() const { return *head_; }

 private:
  result<void> expect_next(seq_t seq) const;

  seq_t last_ = 0;
  std::optional<digest> head_ = digest{};
};

}  // namespace sandbase
