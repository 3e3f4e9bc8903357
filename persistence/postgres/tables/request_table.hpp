// SPDX-License-Identifier: Apache-2.0
// Rows of the tables `idempotency` and `deletions`: what was asked for lately.
#pragma once

#include "persistence/postgres/sql/connection.hpp"
#include "persistence/records.hpp"

#include <optional>
#include <string_view>

namespace sandbase::postgres {

/// The session under which keys of creations stand.
inline constexpr session_key creations = 0;

/// Whether a record of `then` no longer counts at `now`.
inline bool is_expired(timestamp then, timestamp now) { return now - then >= idempotency_ttl; }

std::optional<idempotency_record> find_request(connection& db, workspace_key workspace, session_key session,
                                               std::string_view key);
/// The body of what stored the event is forgotten: the append, or the session's creation.
void add_forgotten_bodies(pipeline& calls, workspace_key workspace, session_key session, seq_t seq);

std::optional<deletion_record> find_deletion(connection& db, workspace_key workspace, std::string_view id);

/// Removes what is too old by now, at most `most` rows. @returns whether there was something
bool expire(connection& db, timestamp now, std::int64_t most);

}  // namespace sandbase::postgres
