// SPDX-License-Identifier: Apache-2.0
#include "events/log/log_walk.hpp"

#include <cassert>
#include <fmt/core.h>

namespace sandbase {

result<void> log_walk::expect_next(seq_t seq) const {
  if (seq == last_ + 1) return {};
  return {errc::corrupt, fmt::format("event {} stands behind event {}", seq, last_)};
}

result<void> log_walk::step(seq_t seq, std::string_view json, const event_proof& proof,
                            const digest& stored_head) {
  if (auto ok = expect_next(seq); !ok) return ok;
  if (head_ && next_head(*head_, proof.leaf_of(json)) != stored_head)
    return {errc::corrupt, fmt::format("event {} does not fit the hash chain", seq)};
  last_ = seq;
  head_ = stored_head;
  return {};
}

result<void> log_walk::step(seq_t seq, std::string_view json, const event_proof& proof) {
  if (auto ok = expect_next(seq); !ok) return ok;
  assert(head_);
  last_ = seq;
  head_ = next_head(*head_, proof.leaf_of(json));
  return {};
}

}  // namespace sandbase
