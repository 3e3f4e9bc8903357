// SPDX-License-Identifier: Apache-2.0
// Rows that belong to nothing: of a session that is not there and was not deleted, or of no workspace.
#pragma once

#include "persistence/log_check.hpp"
#include "persistence/postgres/sql/connection.hpp"

namespace sandbase::postgres {

/// One sentence for each session, or key, and table. Beside running nodes; in small steps by key, so that
/// however many there are neither memory nor one statement's time grows.
void check_strays(connection& db, const problem_fn& problem);

}  // namespace sandbase::postgres
