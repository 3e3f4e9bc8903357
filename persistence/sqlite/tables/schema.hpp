// SPDX-License-Identifier: Apache-2.0
// The tables, their versions, and what makes a file one of ours.
#pragma once

#include "events/base/result.hpp"
#include "persistence/sqlite/sql/connection.hpp"

#include <string>

namespace sandbase::sqlite {

/// Marks our files (`PRAGMA application_id`): "SBev".
inline constexpr std::int64_t application_id = 0x53426576;
/// Version of the tables (`PRAGMA user_version`) that this program works with: how many migrations there are.
inline constexpr std::int64_t schema_version = 8;

/// Makes the database at `path`, which does not exist or is empty, with all its tables. Safe against another
/// process that does the same. The folder is made if it is missing.
result<void> create_database(const std::string& path);

/// Looks at an existing file without changing it. `invalid` if it is of another format, newer than this
/// program or its catalogue is broken: the message says which and what to do.
/// @returns its schema version; 0 if its making was interrupted: create_database() finishes it
result<std::int64_t> inspect_database(const std::string& path);

/// Brings the tables to schema_version, all or nothing. Throws `invalid`
/// if they are newer. @pre nobody else works on the store
void migrate(connection& db, const std::string& path);

/// Throws `invalid` unless the tables are of schema_version.
void expect_current(connection& db, const std::string& path);

}  // namespace sandbase::sqlite
