// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/sql/log_moving.hpp"

namespace sandbase::sqlite {

namespace {

constexpr connection_options moving{side::writing, 256, false};
constexpr connection_options pinning{side::writing, 16, false};  // a disk that fails here fails the writer

/// Without the lock of writers SQLite would go on beside them, as a checkpoint without a reader beside it.
/// Interrupted it moves nothing.
int wait_or_interrupt(void* db, int tries) {
  constexpr int patience_ms = 20;
  if (tries < patience_ms) {
    sqlite3_sleep(1);
    return 1;
  }
  sqlite3_interrupt(static_cast<sqlite3*>(db));
  return 0;
}

/// @returns whether `pin` reads from now on
bool begin_reading(connection& pin) {
  try {
    pin.query("PRAGMA schema_version").next();  // the least that reads
    return true;
  } catch (const error& e) {
    if (!e.is_in_the_way()) throw;
    return false;
  }
}

class turn {
 public:
  explicit turn(std::atomic_flag& taken) : taken_(taken), is_mine_(!taken.test_and_set()) {}
  turn(const turn&) = delete;
  turn& operator=(const turn&) = delete;
  ~turn() {
    if (is_mine_) taken_.clear();
  }
  bool is_mine() const { return is_mine_; }

 private:
  std::atomic_flag& taken_;
  const bool is_mine_;
};

}  // namespace

bool empty_log(connection& db) {
  sqlite3_busy_handler(db.handle(), &wait_or_interrupt, db.handle());
  const int code =
      sqlite3_wal_checkpoint_v2(db.handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  db.wait_as_usual();
  if ((code & 0xff) == SQLITE_BUSY || code == SQLITE_INTERRUPT) return false;
  if (code != SQLITE_OK) db.fail(code, "cannot empty the write-ahead log");
  return true;
}

std::optional<moved_log> move_log(connection& mover, connection& pin) {
  const snapshot view{pin};
  if (!begin_reading(pin)) return std::nullopt;
  moved_log log;
  const int code =
      sqlite3_wal_checkpoint_v2(mover.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &log.pages, &log.moved);
  // Busy: a commit or another checkpoint is at it this very moment. The next one will do.
  if ((code & 0xff) == SQLITE_BUSY) return std::nullopt;
  if (code != SQLITE_OK) mover.fail(code, "cannot move the write-ahead log into the database");
  return log;
}

log_mover::pair_of_connections::pair_of_connections(const std::string& path)
    : mover(path, moving), pin(path, pinning) {}

log_mover::log_mover(const std::string& path) : path_(path), connections_(path) {}

std::optional<moved_log> log_mover::move() {
  const turn mine{is_taken_};
  if (!mine.is_mine()) return std::nullopt;
  return move_log(connections_.mover, connections_.pin);
}

bool log_mover::forget() {
  const turn mine{is_taken_};
  if (mine.is_mine()) connections_ = pair_of_connections{path_};
  return mine.is_mine();
}

}  // namespace sandbase::sqlite
