// SPDX-License-Identifier: Apache-2.0
// Rows of the table `sessions`: headers as they are kept.
#pragma once

#include "persistence/records.hpp"
#include "persistence/sqlite/sql/connection.hpp"

#include <optional>
#include <string_view>

namespace sandbase::sqlite {

/// What read_session() expects as the first columns of a SELECT, and what they are selected from. A
/// definition may be large and seldom changes: it has a table of its own, so that a change of status does not
/// write it again.
#define SANDBASE_SESSION_COLUMNS "sessions.key, sessions.workspace, sealed_seq, definition, progress"
#define SANDBASE_SESSION_TABLES "sessions LEFT JOIN definitions ON definitions.session = sessions.key"

/// Throws `corrupt` naming the session if its header cannot be read.
session_row read_session(const statement& row);

std::optional<session_row> load_session(connection& db, session_key key);

/// @returns the new key; empty if the workspace has a session of that id
std::optional<session_key> insert_session(connection& db, workspace_key workspace,
                                          const session_header& header);

/// Writes the header, without its definition unless `redefines`. @returns whether there is such a session
bool update_header(connection& db, session_key key, const session_header& header, bool redefines);

/// Where a session's segments end, and how far its row is.
struct sealed_end {
  seq_t seq = 0;
  /// Chain after seq.
  digest head{};
  /// Of the progress that the row holds.
  seq_t last_seq = 0;
};
std::optional<sealed_end> load_sealed_end(connection& db, session_key key);

/// Moves the end of the segments; `header` (may be null) is written only if it is not behind the row's own.
void update_sealed_end(connection& db, session_key key, const sealed_end& before, seq_t seq,
                       const digest& head, const session_header* header);

/// Where sessions are that nothing shows yet: the numbers of workspaces begin at 1, so no key names it.
inline constexpr workspace_key staging_workspace = 0;
bool is_staged(connection& db, session_key key);
/// Moves a staged session to its workspace, under the header's id. @returns false if that has one of this id
bool publish_staged(connection& db, session_key key, workspace_key workspace, const session_header& header);
/// Puts tombstones in place of all that are staged.
void bury_staged(connection& db);

/// What is remembered of a session's deletion, if it was remembered less than deletion_ttl ago, or a little
/// longer.
std::optional<deletion_record> find_deletion(connection& db, workspace_key workspace, std::string_view id);
/// Forgets those of before. @returns how many, at most `most`
std::int64_t forget_deletions(connection& db, timestamp before, std::int64_t most);
/// Puts a tombstone in place of the row. `how`: what is remembered of it. @returns whether there was one
bool bury_session(connection& db, session_key key, const std::optional<deletion_record>& how);

}  // namespace sandbase::sqlite
