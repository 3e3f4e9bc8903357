// SPDX-License-Identifier: Apache-2.0
// What the session actor tells of itself.
#include "actors/session/session.hpp"

#include <algorithm>

namespace sandbase {

std::string_view session::phase() const {
  if (gone_) return "gone";
  if (claiming_) return opening_ ? "opening" : "claiming";
  if (retiring_) return "retiring";
  return is_writer() ? "writer" : "reader";
}

/// Since when somebody waits for it, or it for somebody.
session::time_point session::oldest_wait() const {
  auto oldest = std::min(look_ups_.oldest(steady_now()), handed_over_.oldest(steady_now()));
  const auto note = [&](time_point since) { oldest = std::min(oldest, since); };
  if (claiming_) note(claiming_since_);
  if (const auto* append = pipeline_.oldest()) note(static_cast<const waiting_append&>(*append).since);
  if (!in_flight_.empty()) note(in_flight_.front().since);
  if (!unknown_.empty()) note(unknown_.front().what.since);
  for (const auto& d : deferred_) note(d.since);
  if (!removals_.empty()) note(removals_.front().since);
  if (!redactions_.empty()) note(redactions_.front().since);
  return oldest;
}

actor_status session::describe_itself() const {
  const auto count = [](std::size_t n) { return static_cast<std::int64_t>(n); };
  return {phase(),
          {{"events", count(durable_tip_.last_seq)},
           {"epoch", count(epoch_)},
           {"writer", writer_},
           {"owner", env_->placement ? env_->placement->owner_of(key_) : 0},
           {"appends", count(pipeline_.size())},
           {"in_flight", count(in_flight_.size())},
           {"unknown", count(unknown_.size())},
           {"look_ups", count(look_ups_.size() + handed_over_.size())},
           {"waiting", count(deferred_.size() + removals_.size() + redactions_.size())},
           {"followers", count(followers_.streams())},
           {"sealed", count(tail_.sealed_seq())},
           {"sealing", count(sealing_)},
           {"blocks", count(tail_.block_count())},
           {"unsealed_bytes", count(tail_.unsealed_bytes())},
           {"cached_bytes", count(tail_.cached_bytes())},
           {"oldest_wait_ms", wait_ms(oldest_wait(), steady_now())}}};
}

void session::tell_sizes() {
  sizes_->events = static_cast<std::int64_t>(durable_tip_.last_seq);
  sizes_->unsealed_bytes = static_cast<std::int64_t>(tail_.unsealed_bytes());
  const auto streams = static_cast<std::int64_t>(followers_.streams());
  sizes_->followers = streams;
  counted_.tell(is_writer(), static_cast<bool>(mirror_), streams);
}

}  // namespace sandbase
