// SPDX-License-Identifier: Apache-2.0
// Offline import: sessions written as segments at once, many in one transaction.
#pragma once

#include "persistence/backend.hpp"
#include "persistence/sqlite/sql/connection.hpp"
#include "persistence/sqlite/sql/log_moving.hpp"

#include <memory>
#include <optional>
#include <string>

namespace sandbase::sqlite {

/// The transaction that finished imports wait in.
class import_group {
 public:
  /// `db`: of the database at `path`.
  import_group(connection& db, const std::string& path) : db_(db), path_(path) {}

  void begin();
  /// Another session of so many bytes is finished: commits if the group has grown large.
  void add(std::size_t bytes);
  /// Commits what is there. @pre no import is under way
  void flush();

 private:
  connection& db_;
  const std::string path_;
  /// As soon as there is much to move.
  std::optional<log_mover> log_mover_;
  std::optional<write_transaction> open_;
  std::size_t sessions_ = 0;
  std::size_t bytes_ = 0;
  /// Bytes committed since the last checkpoint.
  std::size_t unmoved_ = 0;
};

/// store_admin::begin_import; failures are thrown.
std::unique_ptr<session_import> begin_import(connection& db, import_group& group, std::string_view workspace,
                                             std::string_view id);

}  // namespace sandbase::sqlite
