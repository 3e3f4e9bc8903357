// SPDX-License-Identifier: Apache-2.0
// Where a turn of the agent ends: what `until=idle` waits for.
#pragma once

#include "events/log/log_slice.hpp"

namespace sandbase {

/// Whether the event is a `session.status_idle` whose stop_reason is not `requires_action`.
bool ends_turn(const log_block& block, seq_t seq);

/// The seq of the first event of `slice` that ends a turn; 0: none.
seq_t find_turn_end(const log_slice& slice);

}  // namespace sandbase
