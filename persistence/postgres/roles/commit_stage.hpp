// SPDX-License-Identifier: Apache-2.0
// Operations of a commit that are one transaction and one round trip: appends, then seals, creations,
// deletions. What cannot stand beside them, or takes several round trips, is a stage of its own.
#pragma once

#include "persistence/operations.hpp"
#include "persistence/postgres/roles/append_batch.hpp"
#include "persistence/postgres/roles/creating.hpp"
#include "persistence/postgres/roles/unsealed_account.hpp"

#include <map>
#include <set>
#include <vector>

namespace sandbase::postgres {

/// What a writer knows by itself, without asking the database.
struct writer_state {
  /// Epochs that this writer may still use.
  std::map<session_key, epoch_t> held;
  /// Shared with the other writers of the process.
  unsealed_account& unsealed;

  bool holds(session_key session, epoch_t epoch) const;
  /// Nothing of this epoch is stored any more.
  void cut(session_key session, epoch_t epoch);
};

class commit_stage {
 public:
  /// `failed`: sessions of which an append has failed in this commit.
  commit_stage(writer_state& state, std::set<session_key>& failed, std::vector<op_outcome>& outcomes)
      : state_(state), failed_(failed), outcomes_(outcomes) {}

  /// Takes an operation in, or tells at once what becomes of it. @returns false if it is for the next stage
  bool add(const store_op& op, std::size_t place);
  /// An operation that has a transaction of its own; null: none has.
  const store_op* alone() const noexcept { return alone_; }
  std::size_t place_of_alone() const noexcept { return places_.front(); }

  /// One transaction. Throws if it failed as a whole.
  void run(connection& db);
  /// Places in the commit of what it holds.
  const std::vector<std::size_t>& places() const noexcept { return places_; }
  /// Sessions that were sealed, whose last block is small.
  const std::vector<session_key>& small() const noexcept { return small_; }
  /// Rows that its seals took out of the journal.
  std::int64_t sealed_events() const noexcept { return sealed_events_; }

 private:
  struct pending_seal {
    const seal_op* op;
    std::size_t place;
    seq_t least;
  };
  struct pending_delete {
    const delete_op* op;
    std::size_t place;
  };

  bool take(const append_op& op, std::size_t place);
  bool take(const seal_op& op, std::size_t place);
  bool take(const create_op& op, std::size_t place);
  bool take(const delete_op& op, std::size_t place);
  bool take_alone(const store_op& op, std::size_t place);
  bool is_empty() const;
  failure admit(const append_op& op);
  void refuse(const append_op& op, std::size_t place, failure why);

  void settle_appends(connection& db, const rows& answer);
  void store_singly(connection& db, const append_group& group);
  void note_stored(const append_op& op);

  writer_state& state_;
  std::set<session_key>& failed_;
  std::vector<op_outcome>& outcomes_;
  append_batch appends_;
  std::vector<pending_seal> seals_;
  create_batch creates_;
  std::vector<pending_delete> deletes_;
  std::set<session_key> deleted_;
  const store_op* alone_ = nullptr;
  std::vector<std::size_t> places_;
  std::vector<session_key> small_;
  std::int64_t sealed_events_ = 0;
  /// Of JSON that this stage appends.
  std::int64_t bytes_ = 0;
};

/// Bytes of JSON.
std::int64_t bytes_of(const std::vector<journal_event>& events);

}  // namespace sandbase::postgres
