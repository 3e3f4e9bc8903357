// SPDX-License-Identifier: Apache-2.0
// The shared index of the write-ahead log: the file `-shm`
// (https://www.sqlite.org/walformat.html#the_wal_index_file_format).
#pragma once

#include "persistence/sqlite/sql/connection.hpp"

namespace sandbase::sqlite {

/// Makes it as large as a log of 256 MiB needs. SQLite lets it grow behind the frame that commits: a disk
/// that is full just there leaves an outcome that nobody knows. What cannot be had now is left to SQLite.
void grow_log_index(connection& db);

}  // namespace sandbase::sqlite
