// SPDX-License-Identifier: Apache-2.0
// Offline import: many sessions in one transaction.
#pragma once

#include "persistence/backend.hpp"
#include "persistence/postgres/roles/node_presence.hpp"
#include "persistence/postgres/sql/connection.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace sandbase::postgres {

/// The transactions that imports share, each of some sessions or parts of one. None is open for long: its
/// rows would be locked, and what is erased meanwhile not be vacuumed, while the input takes its time.
class import_group {
 public:
  explicit import_group(connection& db);
  import_group(const import_group&) = delete;
  import_group& operator=(const import_group&) = delete;
  /// What is not whole is for housekeeping.
  ~import_group();

  /// A transaction is open behind it, the one before or another.
  void begin();
  /// A session is whole; now and then the transaction is committed behind one.
  void add(std::size_t bytes);
  void flush();
  /// Commits a transaction that is open for a while, and shows that this process is still there.
  void rest();
  /// Counts up with each transaction that was opened.
  int number() const noexcept { return number_; }
  /// Whose the sessions are that are not whole yet: what this process leaves goes with it.
  std::int64_t node() const noexcept { return presence_.id(); }

 private:
  using clock = std::chrono::steady_clock;
  bool is_old() const;

  connection& db_;
  node_presence presence_;
  bool has_joined_ = false;
  std::optional<transaction> open_;
  clock::time_point opened_at_{};
  int number_ = 0;
  std::size_t sessions_ = 0;
  std::size_t bytes_ = 0;
};

/// The session is staged until it is finished (staging.hpp): so what is written of it may be committed.
std::unique_ptr<session_import> begin_import(connection& db, import_group& group, std::string_view workspace,
                                             std::string_view id);

}  // namespace sandbase::postgres
