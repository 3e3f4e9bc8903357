// SPDX-License-Identifier: Apache-2.0
// Verifying everything that is stored, beside running nodes.
#pragma once

#include "persistence/backend.hpp"
#include "persistence/log_check.hpp"
#include "persistence/postgres/sql/connection.hpp"

namespace sandbase::postgres {

/// store_admin::check()
store_admin::check_report check_store(connection& db, const problem_fn& problem);

}  // namespace sandbase::postgres
