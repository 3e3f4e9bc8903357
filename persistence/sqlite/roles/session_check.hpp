// SPDX-License-Identifier: Apache-2.0
// Verifying one session: its header, its segments and its journal rows.
#pragma once

#include "persistence/log_check.hpp"
#include "persistence/sqlite/sql/connection.hpp"
#include "persistence/sqlite/tables/journal_table.hpp"

#include <span>

namespace sandbase::sqlite {

/// Walks the whole log of a session, whose journal rows stand in `runs`, and tells every fault; behind a
/// broken place the rest of the log is not judged. @returns how many events were read
std::int64_t check_session(connection& db, session_key session, std::span<const row_run> runs,
                           const problem_fn& problem);

}  // namespace sandbase::sqlite
