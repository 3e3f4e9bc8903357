// SPDX-License-Identifier: Apache-2.0
// Moving the write-ahead log into the database, without waiting for readers.
#pragma once

#include "persistence/sqlite/sql/connection.hpp"

#include <optional>

namespace sandbase::sqlite {

/// A write-ahead log, in pages.
struct moved_log {
  int pages = 0;
  /// Of these, how many the database has.
  int moved = 0;
};

/// Moves what it can. @returns nothing if that is not known: another connection was at it. Throws if the disk
/// fails or is full.
std::optional<moved_log> move_log(connection& db);

/// Moves all of it and cuts its file to nothing. Others wait for some milliseconds. @returns false if a
/// reader would have to be waited for longer
bool empty_log(connection& db);

}  // namespace sandbase::sqlite
