// SPDX-License-Identifier: Apache-2.0
// The operations of one commit, applied inside its transaction. The fence is here: as of the moment at which
// a commit is applied, however late that is.
#pragma once

#include "persistence/operations.hpp"
#include "test/memory_store/transaction.hpp"

#include <set>
#include <span>
#include <vector>

namespace sandbase::memory {

/// Lives as long as its transaction.
class batch {
 public:
  /// Beyond `max_unsealed` bytes of JSON appends are refused.
  batch(transaction& tx, std::int64_t max_unsealed) : tx_(tx), max_unsealed_(max_unsealed) {}

  /// Outcomes stand in the order of `ops`. Of one that fails alone nothing stays.
  std::vector<op_outcome> apply(std::span<const store_op> ops);

 private:
  op_outcome apply_alone(const store_op& op);
  failure write(const append_op& op, op_outcome& to);
  failure write(const seal_op& op, op_outcome& to);
  failure write(const create_op& op, op_outcome& to);
  failure write(const delete_op& op, op_outcome& to);
  /// Imports and erasures are not told to this store.
  failure write(const stage_op&, op_outcome&) { return not_known(); }
  failure write(const publish_op&, op_outcome&) { return not_known(); }
  failure write(const unstage_op&, op_outcome&) { return not_known(); }
  static failure not_known() { return {errc::internal, "the store in memory does not know this operation"}; }

  /// Null if another epoch, or none, is the session's.
  const tip_row* current(session_key session, epoch_t epoch) const;
  failure expect_room(const std::vector<journal_event>& events) const;
  void write_events(session_key session, seq_t first_seq, const std::vector<journal_event>& events);
  void write_header(session_key session, const session_header& header, bool redefines);
  void write_tip(session_key session, const log_tip& end);
  /// @returns false if a record of that key is still good
  bool keep_request(workspace_key workspace, session_key session, request_row row);

  transaction& tx_;
  const std::int64_t max_unsealed_;
  /// An append to them failed: what stands behind it fails too.
  std::set<session_key> failed_;
};

/// Moves events from the journal into segments, whoever asks for it. `internal` if the blocks do not follow
/// each other.
failure write_segments(transaction& tx, const seal_op& op);

}  // namespace sandbase::memory
