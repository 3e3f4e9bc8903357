// SPDX-License-Identifier: Apache-2.0
// Rows of the tables `sessions`, `definitions` and `tips`: headers, and the ends of logs.
#pragma once

#include "persistence/postgres/sql/connection.hpp"
#include "persistence/records.hpp"

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace sandbase::postgres {

/// The session with its end, as of one moment; empty if there is none. Throws `corrupt` if its header cannot
/// be read or events are missing.
std::optional<log_end> load_end(connection& db, session_key session);
std::optional<log_end> load_end(connection& db, workspace_key workspace, std::string_view id);
/// The same from an answer to `load_end_by_key`, whose one parameter is the session.
extern const statement load_end_by_key;
std::optional<log_end> read_end(const rows& answer);

/// Those that are there, in any order, with the ends of their logs in their headers' tips; what else the
/// headers tell is as of their rows.
std::vector<session_row> load_sessions(connection& db, std::span<const session_key> sessions);

/// Where a session's segments end.
struct sealed_end {
  seq_t seq = 0;
  /// Chain after seq.
  digest head{};
};
/// Empty if there is no such session.
std::optional<sealed_end> load_sealed_end(connection& db, session_key session);

/// Which process marks a log so in `tips`: the lower bits tell its writers apart.
constexpr node_id node_of(std::int64_t mark) { return mark & -256; }

/// Where sessions are that nothing shows yet: the numbers of workspaces begin at 1, so no key names it.
inline constexpr workspace_key staging_workspace = 0;

/// Epochs of a session begin at a number that never comes again, as its key and the head of an empty log may.
std::int64_t make_first_epoch();

}  // namespace sandbase::postgres
