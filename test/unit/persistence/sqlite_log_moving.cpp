// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE sqlite_log_moving
#include "persistence/sqlite/sql/log_moving.hpp"
#include "test/unit/persistence/support/raw_database.hpp"
#include "test/unit/support/temp_dir.hpp"
#include "test/unit/support/test.hpp"

#include <atomic>
#include <filesystem>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

using namespace sandbase;
using namespace sandbase::test;

namespace {

/// What SQLite calls in a checkpoint that finds a log it has not seen: between its look at the log's header
/// and its look at how much of that is moved.
std::function<void()> when_header_is_read;  // NOLINT(cert-err58-cpp)

void watch(const sqlite::connection& db) {
  sqlite3_file* file = nullptr;
  CAF_REQUIRE_EQUAL(sqlite3_file_control(db.handle(), "main", SQLITE_FCNTL_FILE_POINTER, &file), SQLITE_OK);
  static sqlite3_io_methods watched;
  watched = *file->pMethods;
  watched.xUnfetch = [](sqlite3_file*, sqlite3_int64, void*) {
    if (when_header_is_read) std::exchange(when_header_is_read, nullptr)();
    return SQLITE_OK;
  };
  file->pMethods = &watched;
}

struct log_fixture {
  temp_dir folder;
  std::string path = folder.file("db");
  raw_database writer{path};
  int rows = 0;

  log_fixture() {
    CAF_REQUIRE_EQUAL(
        writer.exec("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; CREATE TABLE t(n INTEGER, text)"),
        SQLITE_OK);
  }

  void insert(int count) {
    for (int i = 0; i < count; ++i, ++rows)
      CAF_REQUIRE_EQUAL(
          writer.exec("INSERT INTO t VALUES(" + std::to_string(rows) + ", hex(randomblob(3000)))"),
          SQLITE_OK);
  }
  void move_all() { CAF_REQUIRE_EQUAL(raw_database{path}.exec("PRAGMA wal_checkpoint(PASSIVE)"), SQLITE_OK); }

  sqlite::connection connect() const { return {path, {sqlite::side::writing, 256, false}}; }

  void nothing_may_be_lost() {
    insert(1);
    move_all();
    CAF_CHECK_EQUAL(writer.ask("SELECT count(*) FROM t"), std::to_string(rows));
    const auto copy = folder.file("copy");
    std::filesystem::copy_file(path, copy);  // what was moved, without the log
    raw_database moved{copy};
    CAF_CHECK_EQUAL(moved.ask("SELECT count(*) FROM t"), std::to_string(rows));
    CAF_CHECK_EQUAL(moved.ask("PRAGMA integrity_check"), "ok");
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(sqlite_log_moving, log_fixture)

CAF_TEST(a log that begins anew while it is looked at is not taken for moved) {
  auto mover = connect();
  auto pin = connect();
  watch(mover);
  insert(20);
  move_all();
  bool has_begun_anew = false;
  when_header_is_read = [&] {
    const auto size = std::filesystem::file_size(path + "-wal");
    insert(3);
    has_begun_anew = std::filesystem::file_size(path + "-wal") == size;
  };
  sqlite::move_log(mover, pin);
  CAF_CHECK(has_begun_anew);
  nothing_may_be_lost();
}

CAF_TEST(a log does not begin anew while it is moved) {
  auto mover = connect();
  auto pin = connect();
  watch(mover);
  insert(20);
  const auto size = std::filesystem::file_size(path + "-wal");
  when_header_is_read = [&] {
    move_all();  // another's checkpoint is refused
    insert(3);
  };
  sqlite::move_log(mover, pin);
  CAF_CHECK(!when_header_is_read);
  CAF_CHECK_GREATER(std::filesystem::file_size(path + "-wal"), size);
  nothing_may_be_lost();
}

CAF_TEST(a log is not emptied beside a writer and not moved either) {
  auto db = connect();
  insert(20);
  const auto size = std::filesystem::file_size(path);
  CAF_REQUIRE_EQUAL(writer.exec("BEGIN IMMEDIATE"), SQLITE_OK);
  CAF_CHECK(!sqlite::empty_log(db));
  CAF_CHECK_EQUAL(std::filesystem::file_size(path), size);
  CAF_REQUIRE_EQUAL(writer.exec("COMMIT"), SQLITE_OK);
  CAF_CHECK(sqlite::empty_log(db));
  CAF_CHECK_EQUAL(std::filesystem::file_size(path + "-wal"), 0u);
  nothing_may_be_lost();
}

CAF_TEST(threads take turns at a mover beside commits) {
  sqlite::log_mover mover{path};
  std::atomic<bool> done = false;
  std::atomic<int> unfit = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i)
    threads.emplace_back([&, i] {
      while (!done) {
        if (const auto log = mover.move(); log && log->moved > log->pages) ++unfit;
        if (i == 1) static_cast<void>(mover.forget());
      }
    });
  insert(200);
  done = true;
  for (auto& t : threads) t.join();
  CAF_CHECK_EQUAL(unfit.load(), 0);
  nothing_may_be_lost();
}

CAF_TEST_FIXTURE_SCOPE_END()
