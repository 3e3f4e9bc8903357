// SPDX-License-Identifier: Apache-2.0
// Imports into a store that is at work: sessions that are written before they are there.
#pragma once

#include "persistence/operations.hpp"
#include "test/memory_store/transaction.hpp"

#include <functional>

namespace sandbase::memory {

// The operations, by a node: of what another stages it knows nothing.
failure stage(transaction& tx, const stage_op& op, writer_id node, op_outcome& to);
failure publish(transaction& tx, const publish_op& op, writer_id node, op_outcome& to);
failure unstage(transaction& tx, const unstage_op& op, writer_id node);

/// A tombstone in place of all that was staged by nodes that are gone.
void bury_staged(transaction& tx, const std::function<bool(writer_id)>& is_gone);

}  // namespace sandbase::memory
