// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/sql/error.hpp"

#include <fmt/core.h>

namespace sandbase::postgres {

errc classify(std::string_view sqlstate) {
  const auto is_in = [&](std::string_view group) { return sqlstate.starts_with(group); };
  // The page or the index does not hold together (data_corrupted, index_corrupted).
  if (sqlstate == "XX001" || sqlstate == "XX002") return errc::corrupt;
  // Wrong password, unknown role or database, a right that is lacking: only an operator can help.
  if (is_in("28") || sqlstate == "3D000" || sqlstate == "42501") return errc::invalid;
  // A statement of ours that the server does not understand, or that breaks a rule of the tables.
  if (is_in("42") || is_in("22") || is_in("23") || is_in("0A") || is_in("XX")) return errc::internal;
  // Full, too many connections, shutting down, read-only, a lock or statement that took too long, a failing
  // disk of the server's: nothing was written, and it may get better.
  return errc::unavailable;
}

std::string one_line(const char* message) {
  std::string line{message == nullptr ? "" : message};
  while (!line.empty() && (line.back() == '\n' || line.back() == ' ')) line.pop_back();
  for (auto& c : line)
    if (c == '\n' || c == '\t') c = ' ';
  return line;
}

error error_of(const PGresult* failed, std::string_view doing) {
  const char* state = PQresultErrorField(failed, PG_DIAG_SQLSTATE);
  const char* primary = PQresultErrorField(failed, PG_DIAG_MESSAGE_PRIMARY);
  std::string sqlstate{state == nullptr ? "" : state};
  const auto what = one_line(primary != nullptr ? primary : PQresultErrorMessage(failed));
  auto message = sqlstate.empty() ? fmt::format("{}: {}", doing, what)
                                  : fmt::format("{}: {} (SQLSTATE {})", doing, what, sqlstate);
  return error{{classify(sqlstate), std::move(message)}, std::move(sqlstate)};
}

}  // namespace sandbase::postgres
