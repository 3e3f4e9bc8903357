// SPDX-License-Identifier: Apache-2.0
// What changes stored events: sealing and erasing.
#pragma once

#include "persistence/operations.hpp"
#include "test/memory_store/transaction.hpp"

namespace sandbase::memory {

/// Moves events from the journal into segments, whoever asks for it. `internal` if the blocks do not follow
/// each other, `unavailable` if the journal has other events.
failure write_segments(transaction& tx, const seal_op& op);

/// Puts the tombstone in the place of an event. What a failover may still lose keeps the payload. `corrupt`
/// if there is no such event.
failure erase_event(transaction& tx, session_key session, const event_erasure& what);

}  // namespace sandbase::memory
