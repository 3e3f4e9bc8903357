// SPDX-License-Identifier: Apache-2.0
// Sessions that are written in slices, and that nothing shows before they are published. Each call is a
// transaction.
#pragma once

#include "persistence/operations.hpp"
#include "persistence/postgres/sql/connection.hpp"
#include "persistence/postgres/tables/session_table.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sandbase::postgres {

/// Whose it is: with that node it goes.
struct stager {
  connection& db;
  std::int64_t node = 0;
};

/// Where what is staged of a session ends; its row is locked until the transaction ends. Empty: it is gone,
/// or another's.
std::optional<sealed_end> find_staged(const stager& by, session_key session);

failure stage(const stager& by, const stage_op& op, op_outcome& to);
failure publish(const stager& by, const publish_op& op, op_outcome& to);
failure unstage(const stager& by, const unstage_op& op);

/// Writes segments, and the ids of their events that do not tell their place, of a log that is written from
/// elsewhere and ends at `end` by then. @returns the first id that another event of it has; empty if none has
std::string write_slice(connection& db, session_key session, const std::vector<log_block_ptr>& blocks,
                        const std::vector<std::pair<std::string, seq_t>>& ids, seq_t end);
/// Puts a tombstone in place of a session that has no tip any more, or of what nothing shows.
extern const statement bury_statement;

}  // namespace sandbase::postgres
