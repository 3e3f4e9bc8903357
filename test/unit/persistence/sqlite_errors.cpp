// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE sqlite_errors
#include "persistence/sqlite/file/error.hpp"
#include "persistence/sqlite/sql/connection.hpp"
#include "test/unit/persistence/support/sqlite_factory.hpp"

#include <cerrno>
#include <cstring>
#include <new>
#include <stdexcept>

using namespace sandbase;
using namespace sandbase::sqlite;
using namespace sandbase::test;

CAF_TEST(an error without a code of SQLite is none of the disk being full) {
  // In memory that was used before, as every stack is.
  alignas(error) unsigned char memory[sizeof(error)];
  for (const int before : {SQLITE_FULL, SQLITE_READONLY_ROLLBACK & 0xff}) {
    std::memset(memory, before, sizeof memory);
    const auto* made = new (memory) error{errc::corrupt, "a row makes no sense"};
    CAF_CHECK(!made->is_full());
    CAF_CHECK(!made->is_unfinished());
    made->~error();
  }
}

CAF_TEST(a pragma that fails tells what it was for) {
  sqlite_factory factory;
  connection db{factory.path, {side::writing, 256, false}};
  const write_transaction begun{db};  // in which syncs cannot be set
  try {
    db.exec("PRAGMA synchronous=FULL", "cannot sync commits");
    CAF_FAIL("it has worked");
  } catch (const error& e) {
    CAF_CHECK(std::string_view{e.what()}.starts_with("cannot sync commits: "));
  }
}

CAF_TEST(what a caller can do is told by the code) {
  struct row {
    int code;
    int system_errno;
    errc when_writing;
    errc when_reading;
  };
  const row rows[] = {
      {SQLITE_FULL, ENOSPC, errc::unavailable, errc::unavailable},
      {SQLITE_READONLY, 0, errc::unavailable, errc::unavailable},
      {SQLITE_READONLY_DBMOVED, 0, errc::unavailable, errc::unavailable},
      {SQLITE_BUSY, 0, errc::unavailable, errc::unavailable},
      {SQLITE_BUSY_SNAPSHOT, 0, errc::unavailable, errc::unavailable},
      {SQLITE_LOCKED, 0, errc::unavailable, errc::unavailable},
      {SQLITE_CANTOPEN, EMFILE, errc::unavailable, errc::unavailable},
      {SQLITE_NOMEM, 0, errc::unavailable, errc::unavailable},
      {SQLITE_IOERR_WRITE, EIO, errc::io_failed, errc::corrupt},
      {SQLITE_IOERR_WRITE, ENOSPC, errc::unavailable, errc::corrupt},
      {SQLITE_IOERR_WRITE, EDQUOT, errc::unavailable, errc::corrupt},
      {SQLITE_IOERR_SHMSIZE, ENOSPC, errc::unavailable, errc::corrupt},
      {SQLITE_IOERR_FSYNC, EIO, errc::io_failed, errc::corrupt},
      {SQLITE_IOERR_FSYNC, ENOSPC, errc::io_failed, errc::corrupt},
      {SQLITE_IOERR_DIR_FSYNC, ENOSPC, errc::io_failed, errc::corrupt},
      {SQLITE_IOERR_READ, EIO, errc::io_failed, errc::corrupt},
      {SQLITE_CORRUPT, 0, errc::corrupt, errc::corrupt},
      {SQLITE_CORRUPT_INDEX, 0, errc::corrupt, errc::corrupt},
      {SQLITE_NOTADB, 0, errc::corrupt, errc::corrupt},
      {SQLITE_MISUSE, 0, errc::internal, errc::internal},
      {SQLITE_CONSTRAINT_UNIQUE, 0, errc::internal, errc::internal},
  };
  for (const auto& r : rows) {
    CAF_MESSAGE("code " << r.code << " errno " << r.system_errno);
    CAF_CHECK(classify(r.code, r.system_errno, side::writing) == r.when_writing);
    CAF_CHECK(classify(r.code, r.system_errno, side::reading) == r.when_reading);
  }
}

CAF_TEST(nothing is thrown beyond an attempt) {
  CAF_CHECK_EQUAL(must(attempt([] { return 7; })), 7);
  CAF_CHECK(code_of(attempt([] { throw error(errc::corrupt, "x"); })) == errc::corrupt);
  CAF_CHECK(code_of(attempt([]() -> int { throw std::bad_alloc{}; })) == errc::unavailable);
  CAF_CHECK(code_of(attempt([]() -> int { throw std::length_error{"x"}; })) == errc::internal);
}

CAF_TEST(a failed result is thrown on) {
  CAF_CHECK_EQUAL(unwrap(result<int>{3}), 3);
  CAF_CHECK(code_of(attempt([] { return unwrap(result<int>{errc::conflict, "x"}); })) == errc::conflict);
}
