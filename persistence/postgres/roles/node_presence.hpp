// SPDX-License-Identifier: Apache-2.0
// Which processes are there: each has a row in the table `nodes`, renewed now and then. What is marked as a
// gone one's may be taken over. With the same look each learns whether the tables have become too new for it.
#pragma once

#include "persistence/postgres/sql/connection.hpp"
#include "persistence/records.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>

namespace sandbase::postgres {

/// SQL: whether the process is there whose writers are marked so.
#define SANDBASE_IS_ALIVE(mark) \
  "EXISTS (SELECT FROM nodes n WHERE n.id = " SANDBASE_NODE_OF(mark) " AND " SANDBASE_IS_SEEN("n") ")"
/// SQL: whether this row's process is.
#define SANDBASE_IS_SEEN(node) "(" node ".seen_at > clock_timestamp() - interval '10 seconds')"
/// SQL: its process; the lower bits tell the process's writers apart.
#define SANDBASE_NODE_OF(mark) "(" mark " & -256::bigint)"

/// Of this process. Thread-safe, on whichever writer's connection. What else its row tells is the registry's.
class node_presence {
 public:
  /// `schema`: the version of the tables that this program knows.
  explicit node_presence(std::int64_t schema);
  node_presence(const node_presence&) = delete;
  node_presence& operator=(const node_presence&) = delete;

  /// Random, with room for writers in its lower 8 bits; never 0.
  node_id id() const noexcept { return id_; }
  /// One more writer is there: with the first the row is made.
  void join(connection& db);
  /// One less: with the last the row goes, if the database can be reached.
  void leave(connection& db) noexcept;
  /// Renews the row, once a second at most. Throws `outdated` to every writer if one has found that a program
  /// of this version may not write any more; from then on the row is not renewed.
  void tell(connection& db);
  /// `unavailable` if tell() has found that.
  result<void> may_write() const;

 private:
  using clock = std::chrono::steady_clock;

  result<void> judge() const;

  const node_id id_;
  const std::int64_t schema_;
  std::atomic<int> writers_ = 0;
  std::atomic<clock::time_point> next_{};
  mutable std::mutex mutex_;
  /// Code none: it may write. For good, whatever a look finds that began before.
  failure outdated_;
};

}  // namespace sandbase::postgres
