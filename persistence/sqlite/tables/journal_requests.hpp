// SPDX-License-Identifier: Apache-2.0
// Requests with an Idempotency-Key whose events are in the journal: each stands in the row of the first of
// them. Only when that is sealed it gets a row of the table `idempotency`, together with others of its
// session: a page of that table for each request would cost more than the events.
#pragma once

#include "persistence/records.hpp"
#include "persistence/sqlite/sql/connection.hpp"
#include "persistence/sqlite/tables/journal_table.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sandbase::sqlite {

/// Keys of one hash are told apart by the rows.
std::uint64_t hash_of_key(std::string_view idempotency_key);

/// The first event of an append, with the append's request.
void insert_journal_event(connection& db, journal_row row, session_key session, seq_t seq,
                          const journal_event& event, const idempotency_record& request);

/// The last of those that stand in `rows`, or in any row of the journal. A row that is gone, or was emptied
/// because an event of the request is erased, has none.
std::optional<idempotency_record> find_request_in(connection& db, std::span<const journal_row> rows,
                                                  workspace_key workspace, session_key session,
                                                  std::string_view key);
std::optional<idempotency_record> find_request_in_journal(connection& db, workspace_key workspace,
                                                          session_key session, std::string_view key);

/// Moves those up to event `sealed` into the table `idempotency`. @pre `requests` are the session's
void keep_sealed_requests(connection& db, std::span<const journal_request> requests, seq_t sealed);

/// As forget_bodies() for those that are sealed.
void forget_unsealed_bodies(connection& db, std::span<const journal_request> requests, seq_t erased);

}  // namespace sandbase::sqlite
