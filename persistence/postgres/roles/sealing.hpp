// SPDX-License-Identifier: Apache-2.0
// Moving a session's events from the journal into segments, by one statement with the fence in it.
#pragma once

#include "persistence/operations.hpp"
#include "persistence/postgres/sql/connection.hpp"

namespace sandbase::postgres {

/// Whether the blocks follow each other, the first behind anything.
bool follow_each_other(const std::vector<log_block_ptr>& blocks);

/// `least`: the log must reach so far by then, because of appends before it in the same transaction. @returns
/// where the answer will stand
std::size_t add_seal(pipeline& calls, const seal_op& op, seq_t least);
/// Whether it was done. (Else: another epoch, another end, or events that are not the log's.)
bool was_sealed(const rows& answer);

/// If the last small segments of the session are many, joins them into as few as fit twice the size of a
/// sealed block. @returns whether it has joined some
bool merge_small_segments(connection& db, session_key session);

}  // namespace sandbase::postgres
