// SPDX-License-Identifier: Apache-2.0
// The operations of one commit, and what becomes of each.
#pragma once

#include "events/log/log_block.hpp"
#include "persistence/records.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace sandbase {

/// Erases the payload of an event: the tombstone (tombstone.hpp) stands in its place from then on, and its
/// leaf in that of its salt. Before long no other copy of it is left in the store. What is kept for the
/// Idempotency-Key that it came with forgets the body.
struct event_erasure {
  /// Durable before the operation.
  seq_t seq = 0;
  std::string tombstone;
};

/// Appends events right behind the log's end. The fence: `epoch` must be that of the last claim and
/// `previous_head` the log's; else it is refused alone, with `fenced` or, behind another that was refused,
/// `unavailable`, and nothing of this epoch is stored any more: the writer has to claim anew.
struct append_op {
  session_key session = 0;
  workspace_key workspace = 0;
  epoch_t epoch = 0;
  seq_t first_seq = 0;
  /// Of the log before it.
  digest previous_head{};
  /// Of the log after it.
  log_tip tip;
  std::vector<journal_event> events;
  /// Ids that do not tell their place, for the side table: (id, seq).
  std::vector<std::pair<std::string, seq_t>> foreign_ids;
  /// Set if the header must be written with it (status change, update, archive).
  std::shared_ptr<const session_header> header;
  /// Needs a header that has forgotten the event's text, and is as of this append: nobody then folds the
  /// tombstone. The session's writer has no seal under way that holds the event.
  std::optional<event_erasure> erases;
  /// The header's definition has changed too (update, archive); else that is not written.
  bool redefines = false;
  /// The epoch ends with it, as with a claim: for a change that no event tells of, which other processes
  /// would not notice.
  bool ends_epoch = false;
  std::optional<idempotency_record> idempotency;
};

/// Moves events from the journal into segments. `header` is the session's as of the last of them or later,
/// but no later than what is durable or in this same commit before it. The fence: `epoch` must be that of the
/// last claim, no append of it may have been refused, `header` must not reach beyond the log's end, nor have
/// another head than the log at its end, and the blocks must follow what is sealed. Else it is refused alone
/// with `conflict`: what is sealed is not what the writer believes, it has to claim anew. (`unavailable`:
/// there is no room, it may be tried again.)
///
/// With several writers an epoch is not enough: where the store loses its last commits, as in a failover,
/// epochs and places come again, and what one writer sends may look like another's. A head does not come
/// again. So such a store compares the blocks with the events that it has unsealed, proofs included, as an
/// erased event keeps its head; and the numbers of what is made (sessions, workspaces, API keys), and the one
/// at which the epochs of each session begin, never come again (they are random in part: counters do), as all
/// empty logs have the same head.
struct seal_op {
  session_key session = 0;
  epoch_t epoch = 0;
  /// Consecutive, starting at sealed_seq + 1.
  std::vector<log_block_ptr> blocks;
  std::shared_ptr<const session_header> header;
};

/// Makes a session. With an idempotency key that is known the answer is the session made then, or `conflict`
/// for another body: that is looked up before all else.
struct create_op {
  workspace_key workspace = 0;
  /// Progress as of `events`.
  std::shared_ptr<const session_header> header;
  std::vector<journal_event> events;
  std::vector<std::pair<std::string, seq_t>> foreign_ids;
  std::optional<idempotency_record> idempotency;
  /// Code not none: no session can be made of the request, for this reason. Told if its key is new.
  failure unfit{};
};

/// Removes a session: a tombstone now, its rows by housekeeping. Fenced by `epoch`, as an append is.
struct delete_op {
  session_key session = 0;
  epoch_t epoch = 0;
  /// 0: nobody's key.
  api_key_id author = 0;
  timestamp at{};
};

/// Writes on in a session that nothing shows: no workspace has it, no list, no id. What is not published when
/// the store is opened again is removed.
struct stage_op {
  /// 0: a new one; the outcome tells its key.
  session_key session = 0;
  /// Consecutive, behind those staged before, from seq 1 on.
  std::vector<log_block_ptr> blocks;
  /// Ids of their events that do not tell their place. `invalid`: an earlier event has one; the outcome tells
  /// which.
  std::vector<std::pair<std::string, seq_t>> foreign_ids;
};

/// Makes a staged session one of its workspace. `conflict`: that has one of this id; then it stays staged.
struct publish_op {
  /// 0: nothing was staged, its log is empty.
  session_key session = 0;
  workspace_key workspace = 0;
  /// As of the last event staged.
  std::shared_ptr<const session_header> header;
};

/// A staged session is not wanted: as delete_op.
struct unstage_op {
  session_key session = 0;
};

using store_op = std::variant<append_op, seal_op, create_op, delete_op, stage_op, publish_op, unstage_op>;

/// What became of one operation.
struct op_outcome {
  /// Code none: done. `unknown_outcome`: it may or may not have been stored; a claim tells.
  failure error;
  /// Create: the new (or, if `existed`, the earlier) session. Stage: the one that is written.
  session_key session = 0;
  /// Create: answered from an idempotency record.
  bool existed = false;
  /// Create: id of the earlier session. Stage: the id that is there already.
  std::string existing_id;
};

}  // namespace sandbase
