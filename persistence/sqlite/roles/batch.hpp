// SPDX-License-Identifier: Apache-2.0
// The operations of one commit, applied inside its transaction.
#pragma once

#include "persistence/event_store.hpp"
#include "persistence/sqlite/sql/connection.hpp"

#include <string>
#include <unordered_map>
#include <unordered_set>

namespace sandbase::sqlite {

/// What the one writer knows of sessions without asking the database: which exist (so that an append need not
/// look) and which are damaged (so that nothing is written behind a gap).
class session_knowledge {
 public:
  bool exists(session_key key) const { return existing_.contains(key); }
  void note_existing(session_key key);
  void forget(session_key key) { existing_.erase(key); }
  /// After a rollback: what was noted in the transaction may not hold.
  void forget_all() { existing_.clear(); }

  void note_damage(session_key key, std::string what) { damaged_.emplace(key, std::move(what)); }
  void note_repaired(session_key key) { damaged_.erase(key); }
  const std::string* damage_of(session_key key) const;

 private:
  static constexpr std::size_t max_existing = 16 * 1024;
  std::unordered_set<session_key> existing_;
  std::unordered_map<session_key, std::string> damaged_;
};

/// Lives as long as its transaction. What it throws is a failure of the whole.
class batch {
 public:
  batch(connection& db, session_knowledge& known, journal_row next_row, bool with_seals)
      : db_(db), known_(known), next_row_(next_row), with_seals_(with_seals) {}

  /// Applies one operation; if it fails alone, nothing of it stays, and nothing that builds on it is applied.
  op_outcome apply(const store_op& op);
  journal_row next_row() const { return next_row_; }

 private:
  op_outcome apply_alone(const store_op& op);
  failure write(const append_op& op, op_outcome& outcome);
  failure write(const seal_op& op, op_outcome& outcome);
  failure write(const create_op& op, op_outcome& outcome);
  failure write(const delete_op& op, op_outcome& outcome);

  failure check_session(session_key key);
  void write_events(session_key session, seq_t first_seq, const std::vector<journal_event>& events);
  failure write_foreign_ids(session_key session, const std::vector<std::pair<std::string, seq_t>>& ids);

  connection& db_;
  session_knowledge& known_;
  journal_row next_row_;
  bool with_seals_;
  /// An append to these has failed.
  std::unordered_set<session_key> cut_;
};

/// Notes ids in the side table. @returns the first that the session already has there; empty if all are new
std::string insert_foreign_ids(connection& db, session_key session,
                               const std::vector<std::pair<std::string, seq_t>>& ids);

}  // namespace sandbase::sqlite
