// SPDX-License-Identifier: Apache-2.0
// The tables and their versions. All stand in a schema of their own, `sandbase`.
//
// Programs of several versions work on them at once, as while nodes are upgraded one after another. So a
// migration only adds, and what it makes needless goes with a later one, which names itself or one between as
// `oldest_writer`: programs that still need it stop by then.
#pragma once

#include "persistence/backend.hpp"
#include "persistence/postgres/sql/connection.hpp"

#include <cstdint>
#include <span>

namespace sandbase::postgres {

/// From one version of the tables to the next. `oldest_writer`: programs of an older version may not write
/// any more once it is applied. Whoever needs one of the tables that it changes waits until it has all of
/// them: few in one.
struct migration {
  const char* tables;
  std::int64_t oldest_writer;
};

/// The tables as a program knows them: all that makes them.
using table_history = std::span<const migration>;
/// Of this program.
extern const table_history own_history;
/// Of the tables that it makes.
inline std::int64_t version_of(table_history h) noexcept { return static_cast<std::int64_t>(h.size()); }

/// Version of the tables in the database; 0: there are none. Throws `invalid` if they are too new for a
/// program of this history to write in them.
std::int64_t inspect(connection& db, table_history known = own_history);

/// Makes the tables, or brings them to the version of the history; nothing if they have it. Several processes
/// may try at once. Throws `invalid`, naming what is missing, if the role has not the right, and
/// `unavailable`, naming who it is, if somebody has used the tables for longer than `patience`: it is tried
/// again and again, and appends go on in between.
migration_report migrate(connection& db, table_history known = own_history,
                         std::chrono::milliseconds patience = std::chrono::minutes{1});

/// Throws unless the tables are there (no_store()) and are those that a program of this history reads
/// (`invalid`).
void expect_current(connection& db, table_history known = own_history);
/// `not_found`
failure no_store(const connection& db);

/// What is newest of the tables.
struct table_versions {
  /// 0: there are none.
  std::int64_t version = 0;
  std::int64_t oldest_writer = 0;
};
/// For whoever looks again and again.
extern const statement find_versions;
table_versions read_versions(const rows& answer);
/// Whether a program of version `own` may write in such tables, or why not.
result<void> may_write(const table_versions& found, std::int64_t own, const conninfo& where);

}  // namespace sandbase::postgres
