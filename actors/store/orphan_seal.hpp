// SPDX-License-Identifier: Apache-2.0
// Sealing the journal rows of a session that has no writer, from what the store alone says.
#pragma once

#include "persistence/event_store.hpp"

#include <memory>
#include <vector>

namespace sandbase {

/// Reads the session's row and its unsealed events, and makes the seal of all of them. Blocking: the
/// journal's thread. `corrupt` if the events do not continue the log.
result<std::shared_ptr<seal_op>> make_orphan_seal(event_store& store, session_key session,
                                                  const std::vector<row_run>& runs);

}  // namespace sandbase
