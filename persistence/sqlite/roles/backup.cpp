// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/roles/backup.hpp"

#include "persistence/sqlite/file/new_file.hpp"
#include "persistence/sqlite/sql/connection.hpp"

#include <filesystem>
#include <fmt/core.h>

namespace sandbase::sqlite {

namespace {

/// Copied between two calls of the progress function.
constexpr int pages_in_a_row = 128;

constexpr connection_options reading{side::reading, 2048, false};
constexpr connection_options writing{side::writing, 2048, false};

/// Copies a database page by page. RAII around sqlite3_backup.
class page_copy {
 public:
  page_copy(connection& from, connection& to)
      : to_(to), handle_(sqlite3_backup_init(to.handle(), "main", from.handle(), "main")) {
    if (handle_ == nullptr) to_.fail(sqlite3_errcode(to_.handle()), doing);
  }
  page_copy(const page_copy&) = delete;
  page_copy& operator=(const page_copy&) = delete;
  ~page_copy() { sqlite3_backup_finish(handle_); }

  /// @returns whether there is more to copy
  bool step() {
    const int code = sqlite3_backup_step(handle_, pages_in_a_row);
    if (code == SQLITE_OK) return true;
    if (code == SQLITE_DONE) return false;
    // Only the end tells the connection why.
    sqlite3_backup_finish(std::exchange(handle_, nullptr));
    to_.fail(code, doing);
  }
  std::uint64_t pages() const { return static_cast<std::uint64_t>(sqlite3_backup_pagecount(handle_)); }
  std::uint64_t pages_left() const { return static_cast<std::uint64_t>(sqlite3_backup_remaining(handle_)); }

 private:
  static constexpr const char* doing = "cannot copy the store";

  connection& to_;
  sqlite3_backup* handle_;
};

std::uint64_t number(connection& db, std::string_view sql) {
  auto s = db.prepare(sql);
  s.step();
  return static_cast<std::uint64_t>(s.integer(0));
}

/// @returns the copy's size in bytes
std::uint64_t copy_database(const std::string& path, const std::string& target,
                            const copy_progress& progress) {
  connection from{path, reading};
  connection to{target, writing};
  const auto doing = fmt::format("cannot write {}", target);
  // Whatever happens before it is published, the new file is thrown away: it needs no journal, and one sync.
  to.exec("PRAGMA journal_mode=OFF", doing);
  to.exec("PRAGMA synchronous=OFF", doing);

  const snapshot view{from};
  number(from, "SELECT count(*) FROM sqlite_schema");  // with the first page read the view is fixed
  const auto page_bytes = number(from, "PRAGMA page_size");
  page_copy copy{from, to};
  while (copy.step()) progress((copy.pages() - copy.pages_left()) * page_bytes, copy.pages() * page_bytes);
  progress(copy.pages() * page_bytes, copy.pages() * page_bytes);
  return copy.pages() * page_bytes;
}

/// A database takes in whatever log stands beside it, also that of another one that had its name.
void expect_no_log_beside(const std::string& path) {
  for (const auto* suffix : {"-wal", "-journal"})
    if (std::filesystem::exists(path + suffix))
      throw error(errc::conflict,
                  fmt::format("{}{} is left from another database: remove it first", path, suffix));
}

}  // namespace

result<backup_report> backup_database(const std::string& path, const std::string& target,
                                      const copy_progress& progress) {
  return attempt([&] {
    const auto absolute = std::filesystem::absolute(target).lexically_normal();
    new_file file{absolute};
    expect_no_log_beside(absolute.string());
    const auto bytes = copy_database(path, file.partial(), progress);
    file.publish();
    return backup_report{bytes, fmt::format("sqlite:{}", absolute.string())};
  });
}

}  // namespace sandbase::sqlite
