// SPDX-License-Identifier: Apache-2.0
// Rows as the roles of a store read and make them.
#pragma once

#include "events/base/result.hpp"
#include "test/memory_store/transaction.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sandbase::memory {

/// Null if there is no such session.
std::shared_ptr<const session_row> find_row(const tables& rows, session_key session);
/// The session with its end; empty if there is none.
std::optional<log_end> find_end(const tables& rows, session_key session);
/// The segment with this event; null if none has it.
log_block_ptr segment_with(const tables& rows, session_key session, seq_t seq);
/// Whether it has events in the journal.
bool has_unsealed(const tables& rows, session_key session);
/// Those that have, in the order of their keys.
std::vector<session_key> unsealed_sessions(const tables& rows);
/// Bytes of JSON from the oldest unsealed event on.
std::int64_t extent(const tables& rows);

/// 0 if there is none.
workspace_key find_workspace(const tables& rows, std::string_view name);
/// Makes it if it is new. `invalid` if no workspace may be called so.
result<workspace_key> make_workspace(transaction& tx, std::string_view name);

/// A new session without events in a workspace; 0 if it has one of that id.
session_key make_session(transaction& tx, workspace_key workspace, const session_header& header);
/// Makes a session's row and tip, in a workspace that has none of its id.
void add_session(transaction& tx, const session_row& row);
/// @returns the first id that the session has noted already; empty if all are new
std::string note_ids(transaction& tx, session_key session,
                     const std::vector<std::pair<std::string, seq_t>>& ids);
/// Takes an unsealed event out of the journal.
void take_out(transaction& tx, const log_place& place);

}  // namespace sandbase::memory
