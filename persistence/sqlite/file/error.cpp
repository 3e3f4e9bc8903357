// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/file/error.hpp"

#include <cerrno>
#include <cstring>
#include <fmt/core.h>

namespace sandbase::sqlite {

namespace {

bool is_no_space(int system_errno) { return system_errno == ENOSPC || system_errno == EDQUOT; }

/// After a failed sync the kernel may have dropped the pages: no later
/// success may be believed, whatever the reason was.
bool is_failed_sync(int extended_code) {
  return extended_code == SQLITE_IOERR_FSYNC || extended_code == SQLITE_IOERR_DIR_FSYNC;
}

/// The errno that a file of the database failed with last; 0 if it never did.
int errno_of(sqlite3* db, int file_pointer_op) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(db, "main", file_pointer_op, &file);
  int number = 0;
  if (file != nullptr && file->pMethods != nullptr)
    file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &number);
  return number;
}

/// Why the system refused. SQLite notes it for whole connections only where a statement fails, not where a
/// commit does, so the files are asked. One of them may tell of an earlier failure: another reason than a
/// lack of space counts before that.
int system_errno_of(sqlite3* db, int extended_code) {
  switch (extended_code) {
    case SQLITE_IOERR_SHMOPEN:
    case SQLITE_IOERR_SHMSIZE:
    case SQLITE_IOERR_SHMMAP:
      return sqlite3_system_errno(db);
  }
  if ((extended_code & 0xff) != SQLITE_IOERR) return sqlite3_system_errno(db);
  const int of_log = errno_of(db, SQLITE_FCNTL_JOURNAL_POINTER);
  const int of_file = errno_of(db, SQLITE_FCNTL_FILE_POINTER);
  return of_log == 0 || (is_no_space(of_log) && of_file != 0) ? of_file : of_log;
}

}  // namespace

errc classify(int extended_code, int system_errno, side s) {
  switch (extended_code & 0xff) {
    case SQLITE_FULL:
    case SQLITE_READONLY:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_NOMEM:
      return errc::unavailable;
    case SQLITE_IOERR:
      if (s == side::reading) return extended_code == SQLITE_IOERR_NOMEM ? errc::unavailable : errc::corrupt;
      return is_no_space(system_errno) && !is_failed_sync(extended_code) ? errc::unavailable
                                                                         : errc::io_failed;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return errc::corrupt;
    default:
      return errc::internal;
  }
}

void throw_error(sqlite3* db, int code, side s, std::string_view doing) {
  const int extended = db != nullptr ? sqlite3_extended_errcode(db) : code;
  const bool is_told =
      db != nullptr && (extended & 0xff) == (code & 0xff);  // not what a file's own call returned
  const int number = is_told ? extended : code;
  const int system_errno = db != nullptr ? system_errno_of(db, number) : 0;
  const char* text = is_told ? sqlite3_errmsg(db) : sqlite3_errstr(code);
  const bool by_system = (number & 0xff) == SQLITE_IOERR || (number & 0xff) == SQLITE_CANTOPEN;
  const auto because =
      by_system && system_errno != 0 ? fmt::format(" ({})", std::strerror(system_errno)) : "";
  throw error(failure{classify(number, system_errno, s), fmt::format("{}: {}{}", doing, text, because)},
              number);
}

}  // namespace sandbase::sqlite
