// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/tables/schema.hpp"

#include "events/base/byte_order.hpp"
#include "events/base/hex.hpp"
#include "persistence/sqlite/file/database_file.hpp"
#include "persistence/sqlite/file/folder.hpp"
#include "persistence/sqlite/sql/log_renewal.hpp"
#include "persistence/sqlite/tables/salting.hpp"

#include <array>
#include <filesystem>
#include <fmt/core.h>
#include <set>

namespace sandbase::sqlite {

namespace {

std::int64_t pragma(connection& db, const char* name) {
  auto s = db.prepare(fmt::format("PRAGMA {}", name));
  s.step();
  return s.integer(0);
}

// A page of 8 KiB holds several journal rows and takes a sealed block in nine.
constexpr int page_size = 8192;

// Keys that must never be used again are AUTOINCREMENT: without it SQLite gives a deleted session's key to
// the next one. The journal has no index: it is written in order of arrival and read by ranges of rows. Its
// numbers are counted by the writer. In segments `marks` stands before `frames`, so that what reads only
// marks does not walk over the pages of the frames.
constexpr const char* version_1 = R"sql(
CREATE TABLE workspaces(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE);
CREATE TABLE api_keys(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  workspace INTEGER NOT NULL,
  hash BLOB NOT NULL UNIQUE,
  role INTEGER NOT NULL,
  name TEXT NOT NULL,
  hint TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  revoked_at INTEGER);
CREATE TABLE sessions(
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  workspace INTEGER NOT NULL,
  id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  agent_id TEXT NOT NULL,
  agent_version INTEGER NOT NULL,
  status INTEGER NOT NULL,
  archived_at INTEGER,
  last_seq INTEGER NOT NULL,
  sealed_seq INTEGER NOT NULL,
  sealed_head BLOB NOT NULL,
  definition TEXT NOT NULL,
  progress TEXT NOT NULL,
  UNIQUE(workspace, id));
CREATE INDEX sessions_by_creation ON sessions(workspace, created_at);
CREATE TABLE tombstones(
  session INTEGER PRIMARY KEY,
  workspace INTEGER NOT NULL);
CREATE TABLE journal(
  id INTEGER PRIMARY KEY,
  session INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  author INTEGER NOT NULL,
  head BLOB NOT NULL,
  json BLOB NOT NULL);
CREATE TABLE segments(
  id INTEGER PRIMARY KEY,
  session INTEGER NOT NULL,
  first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  checksum INTEGER NOT NULL,
  marks BLOB NOT NULL,
  frames BLOB NOT NULL);
CREATE UNIQUE INDEX segments_by_place ON segments(session, first_seq);
CREATE TABLE foreign_ids(
  session INTEGER NOT NULL,
  id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY(session, id)) WITHOUT ROWID;
CREATE TABLE idempotency(
  workspace INTEGER NOT NULL,
  session INTEGER NOT NULL,
  key TEXT NOT NULL,
  body BLOB NOT NULL,
  first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  created_session INTEGER,
  created_id TEXT,
  PRIMARY KEY(workspace, session, key)) WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency(created_at);
)sql";

// What the service signs with; never leaves the store but into memory.
constexpr const char* version_2 = R"sql(
CREATE TABLE secrets(
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL) WITHOUT ROWID;
)sql";

// Segments written from here on have marks of format 2 with a checksum of their own (segment_marks.hpp),
// which older programs cannot read. Those that are there stay as they are.
constexpr const char* version_3 = "";

// Lists leave archived sessions out unless asked for them, and many ask for one agent's.
constexpr const char* version_4 = R"sql(
CREATE INDEX sessions_open_by_creation ON sessions(workspace, created_at) WHERE archived_at IS NULL;
CREATE INDEX sessions_open_by_agent ON sessions(workspace, agent_id, created_at) WHERE archived_at IS NULL;
CREATE INDEX sessions_by_agent ON sessions(workspace, agent_id, created_at);
)sql";

// A definition may be large: a change of status must not write it again.
constexpr const char* version_5 = R"sql(
CREATE TABLE definitions(
  session INTEGER PRIMARY KEY,
  definition TEXT NOT NULL);
INSERT INTO definitions(session, definition) SELECT key, definition FROM sessions;
ALTER TABLE sessions DROP COLUMN definition;
)sql";

constexpr std::string_view migrating = "cannot bring the store up to date";

/// Pages that were freed kept their bytes up to schema 5.
void overwrite_free_pages(connection& db) {
  constexpr std::int64_t max_pages = 4096;  // a row
  db.exec("CREATE TABLE free_pages(bytes BLOB)", migrating);
  for (auto left = pragma(db, "freelist_count"); left > 0; left = pragma(db, "freelist_count"))
    db.run("INSERT INTO free_pages VALUES(zeroblob(?1))", std::min(left, max_pages) * page_size);
  db.exec("DROP TABLE free_pages", migrating);
}

// Events have salts, or what is left of them when they are erased; erasures whose last copies are still to be
// found. The journal is made anew: `proof` stands before `json`, and dead rows need not be kept.
constexpr const char* version_6 = R"sql(
ALTER TABLE journal RENAME TO unsalted_journal;
CREATE TABLE journal(
  id INTEGER PRIMARY KEY,
  session INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  author INTEGER NOT NULL,
  head BLOB NOT NULL,
  proof BLOB NOT NULL,
  json BLOB NOT NULL);
CREATE TABLE erasures(
  session INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY(session, seq)) WITHOUT ROWID;
)sql";
void move_to_version_6(connection& db) {
  overwrite_free_pages(db);
  salt_logs(db);
  db.exec("DROP TABLE unsalted_journal", migrating);
}

// Who repeats a deletion, because its answer was lost, is told that it is done.
constexpr const char* version_7 = R"sql(
CREATE TABLE deletions(
  workspace INTEGER NOT NULL,
  id TEXT NOT NULL,
  author INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY(workspace, id)) WITHOUT ROWID;
)sql";

// Requests with an Idempotency-Key stand beside their events until these are sealed.
constexpr const char* version_8 = R"sql(
ALTER TABLE journal RENAME TO journal_without_requests;
CREATE TABLE journal(
  id INTEGER PRIMARY KEY,
  session INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  author INTEGER NOT NULL,
  head BLOB NOT NULL,
  proof BLOB NOT NULL,
  request_key TEXT,
  request_body BLOB,
  request_first INTEGER,
  request_last INTEGER,
  request_at INTEGER,
  json BLOB NOT NULL);
INSERT INTO journal(id, session, seq, author, head, proof, json)
  SELECT id, session, seq, author, head, proof, json FROM journal_without_requests ORDER BY id;
DROP TABLE journal_without_requests;
)sql";

struct migration {
  const char* tables;
  /// What SQL alone cannot do, behind it; may be null.
  void (*rows)(connection& db) = nullptr;
};
constexpr std::array migrations = {migration{version_1}, migration{version_2},
                                   migration{version_3}, migration{version_4},
                                   migration{version_5}, migration{version_6, move_to_version_6},
                                   migration{version_7}, migration{version_8}};
static_assert(migrations.size() == schema_version);

/// The tables that a store of this version has: those that its migrations make.
std::set<std::string, std::less<>> tables_of(std::int64_t version) {
  constexpr std::string_view makes = "CREATE TABLE ";
  std::set<std::string, std::less<>> names;
  for (std::size_t i = 0; i < static_cast<std::size_t>(version); ++i) {
    const std::string_view sql = migrations[i].tables;
    for (auto at = sql.find(makes); at != std::string_view::npos; at = sql.find(makes, at)) {
      at += makes.size();
      names.emplace(sql.substr(at, sql.find('(', at) - at));
    }
  }
  return names;
}

failure refused(const std::string& path, std::string_view what, std::string_view remedy) {
  return {errc::invalid, fmt::format("{} {}: {}; nothing in it was changed", path, what, remedy)};
}
failure foreign(const std::string& path) {
  return refused(path, "is not a sandbase-events database", "name another file, or move this one away");
}
failure newer(const std::string& path, std::int64_t version) {
  return refused(
      path, fmt::format("has schema version {}, newer than the {} of this program", version, schema_version),
      "use the program version that wrote it, or restore a backup from before the upgrade");
}
failure broken(const std::string& path, std::string_view why) {
  return refused(
      path, fmt::format("has a broken catalogue ({})", why),
      "restore the file and its -wal from a backup, or recover what is left with `sqlite3 FILE .recover`");
}

/// The first look is by hand: SQLite may not even open what is not its
/// own, and would touch the log beside it.
void inspect_header(const std::string& path) {
  constexpr std::size_t header_size = 100;
  const auto header = read_front(path, header_size);
  // A power cut may have torn the first page while it was written: what it was or becomes stands in the log.
  if (header.size() < header_size || !header.starts_with(std::string_view{"SQLite format 3\0", 16})) {
    if (has_log(path)) return;
    throw error(foreign(path));
  }
  const auto number = [&](std::size_t at) {
    return std::int64_t{load_number<byte_order::big, std::uint32_t>(std::string_view{header}.substr(at))};
  };
  if (number(68) != application_id) throw error(foreign(path));
  if (const auto version = number(60); version > schema_version && !has_write_ahead_log(path))
    throw error(newer(path, version));
}

/// The name under which SQLite reads a file without its locks and logs, and so leaves no files beside it.
std::string uri_of_unchanging(const std::string& path) {
  std::string uri = "file://";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      uri += '%';
      append_hex(uri, c);
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

std::int64_t look_at_catalogue(const std::string& path, bool unchanging) {
  sqlite3* raw = nullptr;
  const auto name = unchanging ? uri_of_unchanging(path) : path;
  const int code = sqlite3_open_v2(
      name.c_str(), &raw, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | (unchanging ? SQLITE_OPEN_URI : 0),
      nullptr);
  const std::unique_ptr<sqlite3, int (*)(sqlite3*)> db{raw, sqlite3_close_v2};
  if (code != SQLITE_OK) throw_error(raw, code, side::reading, fmt::format("cannot open {}", path));
  sqlite3_busy_timeout(raw, 5000);
  statement owner{raw, side::reading, "PRAGMA application_id", false};
  owner.step();
  if (owner.integer(0) != application_id) throw error(foreign(path));
  statement version{raw, side::reading, "PRAGMA user_version", false};
  version.step();
  const auto found = version.integer(0);
  if (found > schema_version) throw error(newer(path, found));
  // Of a file whose making was interrupted, any that are there must be those of the first version.
  const auto expected = tables_of(std::max<std::int64_t>(found, 1));
  auto missing = expected;
  statement names{raw, side::reading, "SELECT name, sql, rootpage FROM sqlite_master WHERE type='table'",
                  false};
  while (names.step()) {
    if (names.text(1).empty() || names.integer(2) < 2)
      throw error(broken(path, "a table without definition"));
    if (const auto it = missing.find(names.text(0)); it != missing.end()) missing.erase(it);
  }
  if (found == 0 && missing.size() == expected.size()) return 0;  // its making was interrupted
  if (!missing.empty()) throw error(broken(path, fmt::format("no table {}", *missing.begin())));
  // Root pages that cannot be read show as soon as a statement looks into each table.
  for (const auto& table : expected)
    statement{raw, side::reading, fmt::format("SELECT 1 FROM {} LIMIT 1", table), false}.step();
  return found;
}

std::int64_t inspect_catalogue(const std::string& path) {
  try {
    if (!has_log(path)) return look_at_catalogue(path, true);
  } catch (const error&) {
    if (!has_log(path)) throw;  // else somebody has begun to write meanwhile
  }
  return look_at_catalogue(path, false);
}

}  // namespace

result<void> create_database(const std::string& path) {
  return attempt([&] {
    const auto folder = std::filesystem::path{path}.parent_path();
    std::error_code ec;
    std::filesystem::create_directories(folder, ec);
    if (ec)
      throw error(errc::unavailable,
                  fmt::format("cannot create folder {}: {}", folder.string(), ec.message()));
    create_file(path);
    renew_log(path);  // an earlier attempt's
    connection db{path, {side::writing, 2048, true, true}};
    // What a transaction that was cut off would have hidden from inspect_database() is undone now.
    if (pragma(db, "page_count") > 0 && pragma(db, "application_id") != application_id)
      throw error(foreign(path));
    const auto doing = fmt::format("cannot make {}", path);
    db.exec(fmt::format("PRAGMA page_size={}", page_size), doing);
    // First, so that a crash here leaves a file known as ours.
    db.exec(fmt::format("PRAGMA application_id={}", application_id), doing);
    db.exec("PRAGMA journal_mode=WAL", doing);
    migrate(db, path);
    // So that the file itself, and not only its log, tells what it is.
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)", doing);
    sync_folder(folder);
  });
}

result<std::int64_t> inspect_database(const std::string& path) {
  if (auto header = attempt([&] { inspect_header(path); }); !header) return std::move(header).error();
  auto version = attempt([&] {
    try {
      return inspect_catalogue(path);
    } catch (const error& e) {
      // Only its making goes by a journal that is undone; from then on there is a log.
      if (e.is_unfinished()) return std::int64_t{0};
      throw;
    }
  });
  if (!version && (version.error().code == errc::corrupt || version.error().code == errc::internal))
    return broken(path, version.error().message);
  return version;
}

void migrate(connection& db, const std::string& path) {
  if (pragma(db, "user_version") == schema_version) return;
  write_transaction all{db};
  auto version = pragma(db, "user_version");  // again, now that nobody else can change it
  if (version > schema_version) throw error(newer(path, version));
  for (; version < schema_version; ++version) {
    const auto& next = migrations[static_cast<std::size_t>(version)];
    db.exec(next.tables, migrating);
    if (next.rows != nullptr) next.rows(db);
  }
  db.exec(fmt::format("PRAGMA user_version={}", schema_version), migrating);
  all.commit();
}

void expect_current(connection& db, const std::string& path) {
  const auto version = pragma(db, "user_version");
  if (version == schema_version) return;
  if (version > schema_version) throw error(newer(path, version));
  throw error(refused(
      path, fmt::format("has schema version {}, older than the {} of this program", version, schema_version),
      "run `sandbase-events migrate`, which brings it up to date"));
}

}  // namespace sandbase::sqlite
