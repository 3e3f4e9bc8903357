// SPDX-License-Identifier: Apache-2.0
// Becoming a session's writer.
#pragma once

#include "persistence/event_store.hpp"
#include "persistence/postgres/sql/connection.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace sandbase::postgres {

/// A session, and how who claims it is marked.
using claim_by = std::pair<session_key, std::int64_t>;

/// session_claimer::claim(), in one round trip. Waits for transactions under way that hold one of the rows,
/// and defeats those that have not begun. Throws if none is claimed, as far as is known.
/// @pre no session stands twice in it
std::vector<result<claimed_session>> claim_sessions(connection& db, const std::vector<claim_by>& claims);

/// Of a session that nobody writes, to seal it; empty if there is none.
std::optional<claimed_session> claim_orphan(connection& db, const claim_by& claim);

/// Nobody writes these any more, as far as they are marked so.
void release_sessions(connection& db, const array& sessions, std::int64_t mark);

}  // namespace sandbase::postgres
