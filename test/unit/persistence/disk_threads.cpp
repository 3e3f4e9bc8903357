// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE disk_threads
#include "test/simulation/disk/sim_disk.hpp"
#include "test/unit/persistence/support/raw_database.hpp"
#include "test/unit/support/test.hpp"

#include <atomic>
#include <thread>
#include <vector>

using namespace sandbase;
using namespace sandbase::test;

namespace {

const std::string path = "/disk/db";

/// On this disk nobody sleeps while he waits, so patience may end early.
bool is_in_the_way(int code) { return code == SQLITE_BUSY || code == SQLITE_PROTOCOL; }

int patiently(raw_database& db, const std::string& sql) {
  int code = db.exec(sql);
  while (is_in_the_way(code)) code = db.exec(sql);
  return code;
}

}  // namespace

CAF_TEST(connections in several threads share a database) {
  constexpr int writers = 3, rows = 100;
  const sim::sim_disk disk{1};
  raw_database first{path};
  CAF_REQUIRE_EQUAL(first.exec("PRAGMA journal_mode=WAL; CREATE TABLE t(writer, n)"), SQLITE_OK);
  std::atomic<int> failures = 0, left = writers;
  std::vector<std::thread> threads;
  for (int writer = 0; writer < writers; ++writer)
    threads.emplace_back([&, writer] {
      raw_database db{path};
      for (int n = 0; n < rows; ++n)
        if (patiently(db, "INSERT INTO t VALUES(" + std::to_string(writer) + "," + std::to_string(n) + ")") !=
            SQLITE_OK)
          ++failures;
      --left;
    });
  threads.emplace_back([&] {
    raw_database mover{path}, pin{path};
    while (left > 0) {
      // Beside a reader, else SQLite itself may lose commits (see log_moving.hpp).
      pin.exec("BEGIN; PRAGMA schema_version");
      mover.exec("PRAGMA wal_checkpoint(PASSIVE)");
      pin.exec("COMMIT");
    }
  });
  threads.emplace_back([&] {
    raw_database db{path};
    std::int64_t rows_before = 0;
    while (left > 0) {
      std::int64_t now = 0;
      const int code =
          db.each("SELECT count(*) FROM t", [&](sqlite3_stmt* s) { now = sqlite3_column_int64(s, 0); });
      if (is_in_the_way(code)) continue;
      if (code != SQLITE_OK || now < rows_before) ++failures;
      rows_before = now;
    }
  });
  for (auto& t : threads) t.join();
  CAF_CHECK_EQUAL(failures.load(), 0);
  CAF_CHECK_EQUAL(first.ask("SELECT count(DISTINCT writer * 1000 + n) FROM t"),
                  std::to_string(writers * rows));
  CAF_CHECK_EQUAL(first.ask("PRAGMA integrity_check"), "ok");
}
