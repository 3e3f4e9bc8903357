#include "persistence/sqlite/error.hpp"

#include "persistence/sentence.hpp"

#include <cerrno>
#include <cstring>

namespace sandbase::sqlite {

namespace {

bool is_no_space(int system_errno) { return system_errno == ENOSPC || system_errno == EDQUOT; }

/// After a failed sync the kernel may have dropped the pages: no later success may be believed, whatever the
/// reason was.
bool is_failed_sync(int extended_code) {
  return extended_code == SQLITE_IOERR_FSYNC || extended_code == SQLITE_IOERR_DIR_FSYNC;
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
  const int number = (extended & 0xff) == (code & 0xff) ? extended : code;
  const int system_errno = db != nullptr ? sqlite3_system_errno(db) : 0;
  const char* text = db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code);
  const bool by_system = (number & 0xff) == SQLITE_IOERR || (number & 0xff) == SQLITE_CANTOPEN;
  const auto because = by_system && system_errno != 0 ? sentence(" (", std::strerror(system_errno), ")") : "";
  throw error(failure{classify(number, system_errno, s), sentence(doing, ": ", text, because)}, number);
}

}  // namespace sandbase::sqlite
