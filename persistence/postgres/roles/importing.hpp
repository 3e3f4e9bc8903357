// SPDX-License-Identifier: Apache-2.0
// Offline import: many sessions in one transaction.
#pragma once

#include "persistence/backend.hpp"
#include "persistence/postgres/sql/connection.hpp"

#include <memory>
#include <optional>
#include <string_view>

namespace sandbase::postgres {

/// The transaction that imports share.
class import_group {
 public:
  explicit import_group(connection& db) : db_(db) {}

  /// Opens it, unless it is.
  void begin();
  /// A session is whole; now and then the transaction is committed behind one.
  void add(std::size_t bytes);
  void flush();
  /// Counts up with each transaction that was opened.
  int number() const noexcept { return number_; }

 private:
  connection& db_;
  std::optional<transaction> open_;
  int number_ = 0;
  std::size_t sessions_ = 0;
  std::size_t bytes_ = 0;
};

std::unique_ptr<session_import> begin_import(connection& db, import_group& group, std::string_view workspace,
                                             std::string_view id);

}  // namespace sandbase::postgres
