// SPDX-License-Identifier: Apache-2.0
// Rows of the table `idempotency`: which request a key stood for, and what it stored.
#pragma once

#include "persistence/event_reader.hpp"
#include "persistence/sqlite/sql/connection.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sandbase::sqlite {

/// The session under which keys of session creations stand.
inline constexpr session_key creations = 0;

struct creation {
  session_key session = 0;
  std::string id;
};
struct kept_request {
  idempotency_record record;
  /// Of a session's creation.
  std::optional<creation> created;
};

std::optional<kept_request> find_request(connection& db, workspace_key workspace, session_key session,
                                         std::string_view key);

/// Keeps it in place of one that has expired by `record.created_at`.
/// @returns false if one that has not is there
bool keep_request(connection& db, workspace_key workspace, session_key session,
                  const idempotency_record& record, const std::optional<creation>& created);

/// Forgets the bodies of the requests that stored the event: the append, or the session's creation.
void forget_bodies(connection& db, workspace_key workspace, session_key session, seq_t seq);

/// Whether a record of `then` no longer counts at `now`.
inline bool is_expired(timestamp then, timestamp now) { return now - then >= idempotency_ttl; }

}  // namespace sandbase::sqlite
