// SPDX-License-Identifier: Apache-2.0
#include "test/unit/persistence/support/postgres_server.hpp"

#include "test/unit/support/temp_dir.hpp"
#include "test/unit/support/test.hpp"

#include <cstdio>
#include <filesystem>
#include <libpq-fe.h>
#include <memory>

namespace sandbase::test {

namespace {

class server {
 public:
  server() {
    std::filesystem::permissions(folder_.path(), std::filesystem::perms::owner_all |
                                                     std::filesystem::perms::group_exec |
                                                     std::filesystem::perms::others_exec);
    const auto command = std::string{"exec "} + SANDBASE_TEST_DIR + "/postgres/server.sh " + folder() +
                         " fsync=off synchronous_commit=off full_page_writes=off autovacuum=off >" +
                         folder_.file("out");
    pipe_ = ::popen(command.c_str(), "we");
    for (int i = 0; i < 1'200 && !is_ready(); ++i) ::usleep(50'000);
    if (!is_ready()) CAF_FAIL("PostgreSQL does not start; see " << folder());
  }
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  ~server() {
    if (pipe_ != nullptr) ::pclose(pipe_);
  }

  std::string folder() const { return folder_.file("server"); }

 private:
  bool is_ready() const {
    std::error_code ec;
    return std::filesystem::file_size(folder_.file("out"), ec) > 0 && !ec;
  }

  temp_dir folder_;
  FILE* pipe_ = nullptr;
};

server& the_server() {
  static server one;
  return one;
}

std::shared_ptr<PGconn> connect(const std::string& database) {
  const auto where = "host=" + the_server().folder() + " user=postgres dbname=" + database;
  std::shared_ptr<PGconn> db{PQconnectdb(where.c_str()), PQfinish};
  PQsetNoticeProcessor(
      db.get(), [](void*, const char*) {}, nullptr);
  return db;
}

std::string run(PGconn* db, const std::string& text) {
  const std::unique_ptr<PGresult, void (*)(PGresult*)> r{PQexec(db, text.c_str()), PQclear};
  const auto status = PQresultStatus(r.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) CAF_FAIL("SQL failed: " << PQerrorMessage(db));
  const int rows = PQntuples(r.get());
  return rows == 0 ? std::string{} : std::string{PQgetvalue(r.get(), rows - 1, 0)};
}

std::string run(const std::string& database, const std::string& text) {
  return run(connect(database).get(), text);
}

}  // namespace

postgres_database::postgres_database() {
  static int made = 0;
  name_ = "test_" + std::to_string(++made);
  run("postgres", "CREATE DATABASE " + name_);
}

postgres_database::~postgres_database() { run("postgres", "DROP DATABASE " + name_ + " WITH (FORCE)"); }

std::string postgres_database::socket_folder() { return the_server().folder(); }

std::string postgres_database::url(const std::string& socket_folder, const std::string& role) const {
  return "postgres://" + role + "@/" + name_ + "?host=" + socket_folder;
}

std::string postgres_database::sql(const std::string& text) { return run(name_, text); }

postgres_transaction::postgres_transaction(const postgres_database& database, const std::string& text) {
  const auto db = connect(database.name());
  run(db.get(), "BEGIN");
  run(db.get(), text);
  db_ = db;
}

}  // namespace sandbase::test
