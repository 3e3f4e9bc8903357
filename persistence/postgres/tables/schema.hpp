// SPDX-License-Identifier: Apache-2.0
// The tables and their versions. All stand in a schema of their own, `sandbase`.
#pragma once

#include "persistence/backend.hpp"
#include "persistence/postgres/sql/connection.hpp"

#include <cstdint>

namespace sandbase::postgres {

/// Version of the tables that this program works with: how many migrations there are.
inline constexpr std::int64_t schema_version = 1;

/// Version of the tables in the database; 0: there are none. Throws `invalid` if they are too new for this
/// program to write in them.
std::int64_t inspect(connection& db);

/// Makes the tables, or brings them to schema_version; nothing if they are. Several processes may try at
/// once. Throws `invalid`, naming what is missing, if the role has not the right.
migration_report migrate(connection& db);

/// Throws unless the tables are there (no_store()) and are those that this program reads (`invalid`).
void expect_current(connection& db);
/// `not_found`
failure no_store(const connection& db);

}  // namespace sandbase::postgres
