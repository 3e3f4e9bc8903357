// SPDX-License-Identifier: Apache-2.0
// Becoming a session's writer.
#pragma once

#include "persistence/event_store.hpp"
#include "persistence/postgres/sql/connection.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace sandbase::postgres {

/// event_store::claim() for `node`, in one round trip; empty if there is no such session. Waits for a
/// transaction under way that holds the session's row, and defeats one that has not begun.
std::optional<claimed_session> claim_session(connection& db, session_key session, std::int64_t node);

/// Nobody writes these any more, as far as they are the node's.
void release_sessions(connection& db, const array& sessions, std::int64_t node);

}  // namespace sandbase::postgres
