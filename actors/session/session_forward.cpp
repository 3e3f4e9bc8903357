// SPDX-License-Identifier: Apache-2.0
// Appends that another node owns: handed over to it, and done here if it cannot be reached. Which node does
// them is only a matter of speed, the store's fence decides.
#include "actors/caf/errors.hpp"
#include "actors/session/session.hpp"

#include <algorithm>
#include <utility>

namespace sandbase {

/// Null: it is done here. Behind what this node has under way nothing is handed over: the owner's claim would
/// defeat it.
gateway_actor session::owner_elsewhere(const append_request& r) const {
  const bool may_go =
      r.text && env_->placement && !gone_ && !claiming_ && in_flight_.empty() && pipeline_.empty();
  return may_go ? env_->placement->link_to_owner(key_) : gateway_actor{};
}

void session::forward(const append_request& r, const gateway_actor& owner, const append_promise& promise) {
  const auto look_up = look_ups_.begin(steady_now());
  const auto& id = durable_header_->definition->id;
  request(owner, caf::infinite, forward_append{key_, workspace_, id, r})
      .then(
          [this, look_up, promise, owner](const append_answer& answer) {
            look_ups_.end(look_up);
            promise.deliver(answer);
            written_at(owner);
            retire_if_done();
          },
          [this, look_up, promise, r, since = steady_now()](const caf::error& e) {
            look_ups_.end(look_up);
            const auto why = to_failure(e);
            // By its key it is done once, whatever the owner has made of it.
            const bool can_be_done_here = why.code == errc::unavailable ||
                                          (why.code == errc::unknown_outcome && !r.idempotency_key.empty());
            if (!can_be_done_here) {
              promise.fail(why);
              return retire_if_done();
            }
            auto here = r;
            const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(steady_now() - since);
            here.patience = std::max(std::chrono::milliseconds{0}, r.patience - waited);
            append_here(here, promise);
          });
}

/// Its answer says so before any poll does.
void session::written_at(const gateway_actor& owner) {
  if (gone_ || is_writer() || env_->placement->link_to_owner(key_) != owner) return;
  writer_ = env_->placement->owner_of(key_);
  keep_watch();
}

}  // namespace sandbase
