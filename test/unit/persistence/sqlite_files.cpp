// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE sqlite_files
#include "persistence/sqlite/file/lock_file.hpp"
#include "persistence/sqlite/roles/writer.hpp"
#include "persistence/sqlite/sql/connection.hpp"
#include "persistence/sqlite/tables/schema.hpp"
#include "test/unit/persistence/support/raw_database.hpp"
#include "test/unit/persistence/support/sqlite_factory.hpp"

#include <atomic>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <thread>

using namespace sandbase;
using namespace sandbase::test;
namespace fs = std::filesystem;

namespace {

std::string content_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::ostringstream all;
  all << file.rdbuf();
  return all.str();
}

void write_file(const std::string& path, const std::string& content) {
  std::ofstream{path, std::ios::binary} << content;
}

struct files_fixture {
  temp_dir folder;
  std::string path = folder.file("store.db");
  std::string url = "sqlite:" + path;

  void make_store() { must(open_backend(url, true)); }
  void alter(const std::string& sql) {
    sqlite::connection db{path, {sqlite::side::writing, 256, false}};
    db.exec(sql, "cannot change it");
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)", "cannot change it");
  }
  /// Checks that the file is refused with a message that says `what`, and that it stays as it is.
  void check_refused(const std::string& what) {
    const auto before = sha256(content_of(path));
    for (const bool create : {false, true}) {
      const auto opened = open_backend(url, create);
      CAF_REQUIRE(!opened);
      CAF_CHECK(opened.error().code == errc::invalid);
      CAF_MESSAGE(opened.error().message);
      CAF_CHECK(opened.error().message.find(what) != std::string::npos);
      CAF_CHECK(opened.error().message.find(path) != std::string::npos);
    }
    CAF_CHECK(sha256(content_of(path)) == before);
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(sqlite_files, files_fixture)

CAF_TEST(a new database has pages of 8 KiB) {
  make_store();
  CAF_CHECK_EQUAL(content_of(path).substr(16, 2), std::string("\x20\0", 2));  // its header, big-endian
}

CAF_TEST(a missing database is made only if asked for) {
  CAF_CHECK(code_of(open_backend(url, false)) == errc::not_found);
  CAF_CHECK(!fs::exists(path));
  url = "sqlite:" + folder.file("a/b/store.db");
  CAF_CHECK(code_of(open_backend(url, false)) == errc::not_found);
  CAF_CHECK(!fs::exists(folder.file("a")));
  must(open_backend(url, true));
  must(open_backend(url, false));
  CAF_CHECK(fs::exists(folder.file("a/b/store.db")));
}

CAF_TEST(a database is not readable by everybody) {
  make_store();
  struct stat info {};
  CAF_REQUIRE_EQUAL(::stat(path.c_str(), &info), 0);
  CAF_CHECK_EQUAL(info.st_mode & 07, 0u);
}

CAF_TEST(urls are checked) {
  for (const auto* bad : {"", "sqlite:", "sqlite::memory:", "mysql://x", "store.db", "SQLITE:x"})
    CAF_CHECK(code_of(open_backend(bad, true)) == errc::invalid);
  fs::create_directory(path);
  CAF_CHECK(code_of(open_backend(url, true)) == errc::invalid);
}

CAF_TEST(a folder that cannot be made is told) {
  write_file(folder.file("file"), "x");
  CAF_CHECK(code_of(open_backend("sqlite:" + folder.file("file/store.db"), true)) == errc::unavailable);
}

CAF_TEST(a path that looks like a uri is a path) {
  must(open_backend("sqlite:" + folder.file("file:odd?mode=memory"), true));
  CAF_CHECK(fs::exists(folder.file("file:odd?mode=memory")));
}

CAF_TEST(files of another format are refused untouched) {
  write_file(path, "short");
  check_refused("is not a sandbase-events database");
  write_file(path, std::string(5000, 'a'));
  check_refused("is not a sandbase-events database");
}

CAF_TEST(databases of another program are refused untouched) {
  make_store();
  alter("PRAGMA application_id=1");
  check_refused("is not a sandbase-events database");
}

CAF_TEST(an interrupted transaction of another program is left to it) {
  const auto theirs = folder.file("theirs.db");
  {
    raw_database db{theirs};
    CAF_REQUIRE_EQUAL(db.exec("PRAGMA application_id=1; CREATE TABLE t(x); INSERT INTO t VALUES(1)"),
                      SQLITE_OK);
    CAF_REQUIRE_EQUAL(db.exec("BEGIN; UPDATE t SET x=2"), SQLITE_OK);
    CAF_REQUIRE_EQUAL(sqlite3_db_cacheflush(db.handle()), SQLITE_OK);
    fs::copy_file(theirs, path);
    fs::copy_file(theirs + "-journal", path + "-journal");
  }
  const auto journal = content_of(path + "-journal");
  CAF_REQUIRE(!journal.empty());
  check_refused("is not a sandbase-events database");
  CAF_CHECK(content_of(path + "-journal") == journal);
}

CAF_TEST(a newer schema is refused untouched) {
  make_store();
  alter("PRAGMA user_version=999");
  check_refused("newer");
}

CAF_TEST(a newer schema that stands only in the log is refused) {
  make_store();
  sqlite::connection db{path, {sqlite::side::writing, 256, false}};
  db.exec("PRAGMA user_version=999", "cannot change it");  // stays in the log while this connection is open
  check_refused("newer");
}

CAF_TEST(a broken catalogue is refused untouched) {
  make_store();
  alter("DROP TABLE segments");
  check_refused("no table segments");
}

CAF_TEST(a database without readable pages is refused untouched) {
  make_store();
  auto content = content_of(path);
  content.replace(200, content.size() - 200, content.size() - 200, '\x5a');
  write_file(path, content);
  check_refused("broken catalogue");
}

CAF_TEST(a making that was interrupted is finished) {
  write_file(path, "");
  CAF_CHECK(code_of(open_backend(url, false)) == errc::not_found);
  {
    sqlite::connection db{path, {sqlite::side::writing, 256, false}};
    db.exec("PRAGMA application_id=" + std::to_string(sqlite::application_id), "cannot change it");
  }
  CAF_CHECK(code_of(open_backend(url, false)) == errc::not_found);
  auto backend = must(open_backend(url, true));
  must(backend->open_reader());
}

CAF_TEST(an older schema waits for a writer) {
  make_store();
  auto backend = must(open_backend(url, false));
  {
    // Stands for a file from before the first migration: the number is all that readers look at.
    sqlite::connection db{path, {sqlite::side::writing, 256, false}};
    db.exec("PRAGMA user_version=0", "cannot change it");
  }
  CAF_CHECK(code_of(backend->open_reader()) == errc::invalid);
  CAF_CHECK(code_of(backend->open_admin()) == errc::invalid);
}

CAF_TEST(who asks whether a store is locked keeps nobody from locking it) {
  make_store();
  const auto backend = must(open_backend(url, false));
  must(backend->lock("serve"));  // makes the file
  CAF_CHECK(!sqlite::is_locked(path + ".lock"));
  std::atomic<bool> enough = false;
  std::thread asks{[&] {
    while (!enough) sqlite::is_locked(path + ".lock");
  }};
  int refused = 0;
  for (int i = 0; i < 1000; ++i) refused += backend->lock("serve") ? 0 : 1;
  enough = true;
  asks.join();
  CAF_CHECK_EQUAL(refused, 0);
  const auto lock = must(backend->lock("serve"));
  CAF_CHECK(sqlite::is_locked(path + ".lock"));
}

CAF_TEST(a lock names its holder) {
  make_store();
  auto backend = must(open_backend(url, false));
  auto lock = must(backend->lock("serve"));
  const auto second = must(open_backend(url, false))->lock("import");
  CAF_REQUIRE(!second);
  CAF_CHECK(second.error().code == errc::conflict);
  const auto& message = second.error().message;
  CAF_MESSAGE(message);
  CAF_CHECK(message.find("process " + std::to_string(::getpid())) != std::string::npos);
  CAF_CHECK(message.find("(serve)") != std::string::npos);
  lock.reset();
  lock = must(backend->lock("import"));
  CAF_CHECK(code_of(backend->lock("serve")) == errc::conflict);
}

CAF_TEST(operators work beside a writer) {
  sqlite_factory factory;
  auto writer = must(factory.backend().open_writer());
  auto reader = must(factory.backend().open_reader());
  const auto workspace = must(writer->workspace("main", true));
  auto admin = must(factory.backend().open_admin());
  const auto key = must(admin->create_key("main", role::client, "k", at_ms(0)));
  CAF_CHECK(must(reader->find_key(sha256(key.secret))).has_value());
  test_log log{"sess_a"};
  log.workspace = workspace;
  const store_op op = log.create(2);
  CAF_CHECK(must(writer->commit({&op, 1})).front().error.code == errc::none);
  CAF_CHECK(must(admin->revoke_key(key.key.id, at_ms(1))).revoked_at == at_ms(1));
  CAF_CHECK_EQUAL(must(admin->find_sessions("sess_a")).size(), 1u);
}

CAF_TEST(a log that grew large begins anew although no checkpoint moved all of it) {
  sqlite_factory factory;
  auto writer = must(sqlite::open_writer(factory.path, {.max_pages = 0, .large_log_pages = 10}));
  test_log log{"sess_a"};
  log.workspace = must(writer->workspace("main", true));
  const auto commit = [&](const store_op& op) {
    const auto outcome = must(writer->commit({&op, 1})).front();
    CAF_REQUIRE(outcome.error.code == errc::none);
    return outcome.session;
  };
  log.key = commit(log.create());
  log.epoch = must(writer->claim(log.key)).epoch;
  {
    sqlite::connection other{factory.path, {sqlite::side::reading, 256, false}};
    const sqlite::snapshot view{
        other};  // keeps the checkpoint from moving what comes after it, as further commits do
    other.query("SELECT 1 FROM sessions").next();
    for (int i = 0; i < 20; ++i) commit(log.append(1));
    must(writer->checkpoint());
  }
  const auto size = fs::file_size(factory.path + "-wal");
  for (int i = 0; i < 5; ++i) commit(log.append(1));
  CAF_CHECK_EQUAL(fs::file_size(factory.path + "-wal"), size);
}

CAF_TEST_FIXTURE_SCOPE_END()
