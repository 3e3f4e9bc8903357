// SPDX-License-Identifier: Apache-2.0
// The operations of one commit, applied inside its transaction.
#pragma once

#include "persistence/operations.hpp"
#include "persistence/sqlite/roles/ledger.hpp"
#include "persistence/sqlite/sql/connection.hpp"

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace sandbase::sqlite {

/// Lives as long as its transaction. What it throws is a failure of the whole.
class batch {
 public:
  /// What the disk has room for.
  struct room {
    /// For what is_bulky().
    bool for_bulky = true;
    /// Bytes of frames that may be staged.
    std::int64_t to_stage = std::numeric_limits<std::int64_t>::max();
  };
  batch(connection& db, const ledger& known, journal_row next_row, room left)
      : db_(db), fence_(known), next_row_(next_row), room_(left) {}

  /// What became of an operation, and where its events stand.
  struct applied {
    op_outcome outcome;
    journal_row first_row = 0;
    /// SQLite writes nothing more in a transaction in which a statement met damage, and does not commit it:
    /// the others have to be applied anew without it.
    bool met_damage = false;
  };
  /// Applies one operation; if it fails alone, nothing of it stays, and nothing that builds on it is applied.
  applied apply(const store_op& op);
  /// An operation that met damage in a transaction before this one.
  applied leave_out(const store_op& op, const failure& why);
  journal_row next_row() const { return next_row_; }
  /// Bytes of JSON that found no room.
  std::int64_t refused_bytes() const { return fence_.refused_bytes(); }

 private:
  void apply_alone(const store_op& op, applied& to);
  void fail_behind(const store_op& op);
  failure write(const append_op& op, applied& to);
  failure write(const seal_op& op, applied& to);
  failure write(const create_op& op, applied& to);
  failure write(const delete_op& op, applied& to);
  failure write(const stage_op& op, applied& to);
  failure write(const publish_op& op, applied& to);
  failure write(const unstage_op& op, applied& to);

  void erase(const append_op& op);
  bool is_taken(const append_op& op);
  void write_events(session_key session, seq_t first_seq, std::span<const journal_event> events);
  failure write_foreign_ids(session_key session, const std::vector<std::pair<std::string, seq_t>>& ids);

  connection& db_;
  ledger::draft fence_;
  journal_row next_row_;
  room room_;
};

/// Moves events into segments, whoever asks for it, and of the session's unsealed `requests` theirs to where
/// those of sealed events are. `merges`: small ones before them may be merged. Code `internal` if the blocks
/// do not follow each other.
failure write_segments(connection& db, const seal_op& op, std::span<const journal_request> requests,
                       bool merges);

/// Why a session is set aside.
std::string cannot_be_sealed(session_key session, std::string_view why);

/// Where an append's request stands whose events stand from `first_row` on. Nothing for one without a key, or
/// without events: its request is in the table `idempotency`.
std::optional<journal_request> request_of(const append_op& op, journal_row first_row);

/// Notes ids in the side table. @returns the first that the session already has there; empty if all are new
std::string insert_foreign_ids(connection& db, session_key session,
                               const std::vector<std::pair<std::string, seq_t>>& ids);

/// The same for a log that is written from elsewhere and has events up to `end`, where an id may also stand
/// at the place that it tells.
std::string insert_imported_ids(connection& db, session_key session,
                                const std::vector<std::pair<std::string, seq_t>>& ids, seq_t end);

/// Bytes of frames in it.
std::int64_t bytes_of(const stage_op& op);

/// Whether it writes much that nobody may wait for: where the disk is full others go on without it.
bool is_bulky(const store_op& op);

}  // namespace sandbase::sqlite
