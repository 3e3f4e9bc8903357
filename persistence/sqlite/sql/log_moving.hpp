// SPDX-License-Identifier: Apache-2.0
// Moving the write-ahead log into the database, without waiting for readers.
//
// SQLite before 3.51.3 may take a log for moved that is not, and lose what was committed, if a commit begins
// the log anew while a checkpoint of another connection begins: https://www.sqlite.org/wal.html#walresetbug.
// A checkpoint here has a reader beside it that began before it. Where part of the log is to be moved, that
// reader is one of the log and keeps it from beginning anew; where all of it was, it is one of the database
// alone and keeps the checkpoint from moving anything.
#pragma once

#include "persistence/sqlite/sql/connection.hpp"

#include <atomic>
#include <optional>
#include <string>

namespace sandbase::sqlite {

/// A write-ahead log, in pages.
struct moved_log {
  int pages = 0;
  /// Of these, how many the database has.
  int moved = 0;
};

/// Moves what it can beside commits of others. `pin`: another connection, for the reader. @returns nothing if
/// that is not known: somebody else is at it. Throws if the disk fails or is full.
std::optional<moved_log> move_log(connection& mover, connection& pin);

/// Moves all of it and cuts its file to nothing, on the writer's own connection, between its transactions.
/// Waits for readers for some milliseconds. @returns false if one would have to be waited for longer
bool empty_log(connection& db);

/// Connections to move the log with. Any thread, one at a time: who comes while another is at it is told so.
class log_mover {
 public:
  explicit log_mover(const std::string& path);

  /// As move_log(); nothing if another thread is at it.
  std::optional<moved_log> move();
  /// Lets go of what its connections have in memory. @returns false if another thread is at it
  bool forget();

 private:
  struct pair_of_connections {
    explicit pair_of_connections(const std::string& path);
    connection mover;
    connection pin;
  };

  const std::string path_;
  std::atomic_flag is_taken_;
  pair_of_connections connections_;
};

}  // namespace sandbase::sqlite
