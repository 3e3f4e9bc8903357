// SPDX-License-Identifier: Apache-2.0
// A PostgreSQL server that ends with this process, and databases on it.
#pragma once

#include <memory>
#include <string>

namespace sandbase::test {

/// An empty database; gone when this is.
class postgres_database {
 public:
  /// The first one of a process starts the server.
  postgres_database();
  postgres_database(const postgres_database&) = delete;
  postgres_database& operator=(const postgres_database&) = delete;
  ~postgres_database();

  /// Where its server's socket is.
  static std::string socket_folder();
  std::string url() const { return url(socket_folder()); }
  /// By another socket, as another role.
  std::string url(const std::string& socket_folder, const std::string& role = "postgres") const;
  /// Runs SQL in it. Ends the test if that fails. @returns the first column of the last row, as text
  std::string sql(const std::string& text);
  const std::string& name() const { return name_; }

 private:
  std::string name_;
};

/// Somebody else's transaction, in which this SQL was run. Rolled back when it goes.
class postgres_transaction {
 public:
  postgres_transaction(const postgres_database& database, const std::string& text);

 private:
  std::shared_ptr<void> db_;
};

}  // namespace sandbase::test
