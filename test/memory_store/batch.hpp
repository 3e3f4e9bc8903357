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

/// Who commits.
struct sender {
  writer_id node = 0;
  /// Beyond so many bytes of JSON it appends nothing.
  std::int64_t max_unsealed = 0;
};

/// What became of a commit.
struct batch_outcome {
  /// In the order of the operations.
  std::vector<op_outcome> operations;
  /// Of JSON that found no room.
  std::int64_t refused_bytes = 0;
};

/// Lives as long as its transaction.
class batch {
 public:
  batch(transaction& tx, const sender& by) : tx_(tx), by_(by) {}

  /// Of an operation that fails alone nothing stays.
  batch_outcome apply(std::span<const store_op> ops);

 private:
  op_outcome apply_alone(const store_op& op);
  failure write(const append_op& op, op_outcome& to);
  failure write(const seal_op& op, op_outcome& to);
  failure write(const create_op& op, op_outcome& to);
  failure write(const delete_op& op, op_outcome& to);
  failure write(const stage_op& op, op_outcome& to);
  failure write(const publish_op& op, op_outcome& to);
  failure write(const unstage_op& op, op_outcome& to);

  /// Null if another epoch, or none, is the session's.
  const tip_row* current(session_key session, epoch_t epoch) const;
  failure expect_room(const std::vector<journal_event>& events);
  void write_events(session_key session, seq_t first_seq, const std::vector<journal_event>& events);
  void write_header(session_key session, const session_header& header, bool redefines);
  void write_tip(session_key session, const log_tip& end);
  void end_epoch(session_key session);
  /// @returns false if a record of that key is still good
  bool keep_request(workspace_key workspace, session_key session, request_row row);
  void forget_bodies(workspace_key workspace, session_key session, seq_t seq);

  transaction& tx_;
  const sender by_;
  /// An append to them failed: what stands behind it fails too.
  std::set<session_key> failed_;
  std::int64_t refused_bytes_ = 0;
};

}  // namespace sandbase::memory
