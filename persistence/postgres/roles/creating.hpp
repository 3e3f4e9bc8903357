// SPDX-License-Identifier: Apache-2.0
// Making and removing sessions, several by one statement.
#pragma once

#include "persistence/operations.hpp"
#include "persistence/postgres/sql/connection.hpp"

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace sandbase::postgres {

class create_batch {
 public:
  /// @returns false if it cannot stand beside those that are there: one has its id, or its Idempotency-Key
  bool add(const create_op& op, std::size_t place);
  bool empty() const noexcept { return ops_.empty(); }
  const std::vector<std::pair<const create_op*, std::size_t>>& ops() const noexcept { return ops_; }

  /// Two calls. @returns where the first answer will stand
  std::size_t add_to(pipeline& calls) const;
  /// What became of them, in their order.
  std::vector<op_outcome> outcomes(const rows& made, const rows& requests) const;

 private:
  std::vector<std::pair<const create_op*, std::size_t>> ops_;
  /// (workspace, id or key)
  std::set<std::pair<workspace_key, std::string>> ids_;
  std::set<std::pair<workspace_key, std::string>> keys_;
};

/// @returns where the answer will stand: one row if it was done, none if the session has another epoch
std::size_t add_delete(pipeline& calls, const delete_op& op);

/// A session without a request. @returns its key; 0: the workspace has one of this id
session_key insert_session(connection& db, workspace_key workspace, const session_header& header,
                           std::int64_t writer);

}  // namespace sandbase::postgres
