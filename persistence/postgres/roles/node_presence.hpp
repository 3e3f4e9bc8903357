// SPDX-License-Identifier: Apache-2.0
// Which processes are there: each has a row in the table `nodes`, renewed now and then. What is marked as a
// gone one's may be taken over.
#pragma once

#include "persistence/postgres/sql/connection.hpp"

#include <chrono>
#include <cstdint>

namespace sandbase::postgres {

/// SQL: whether the node of this id is there.
#define SANDBASE_IS_ALIVE(id)                    \
  "EXISTS (SELECT FROM nodes n WHERE n.id = " id \
  " AND n.seen_at > clock_timestamp() "          \
  "- interval '10 seconds')"

class node_presence {
 public:
  explicit node_presence(connection& db);
  node_presence(const node_presence&) = delete;
  node_presence& operator=(const node_presence&) = delete;
  /// The row goes, if the database can be reached.
  ~node_presence();

  /// Random, never 0.
  std::int64_t id() const noexcept { return id_; }
  /// Renews the row, once a second at most.
  void tell();

 private:
  connection& db_;
  const std::int64_t id_;
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace sandbase::postgres
