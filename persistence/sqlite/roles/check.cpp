// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/roles/check.hpp"

#include "persistence/sqlite/roles/session_check.hpp"

#include <fmt/core.h>
#include <unordered_map>

namespace sandbase::sqlite {

namespace {

constexpr int max_integrity_messages = 100;

using run_map = std::unordered_map<session_key, std::vector<row_run>>;

void check_file(connection& db, const problem_fn& problem) {
  auto rows = db.prepare(fmt::format("PRAGMA integrity_check({})", max_integrity_messages));
  while (rows.step())
    if (rows.text(0) != "ok") problem(fmt::format("the file: {}", rows.text(0)));
}

run_map journal_runs(connection& db) {
  run_map map;
  auto rows = db.query("SELECT id, session FROM journal ORDER BY id");
  while (rows.next()) {
    auto& runs = map[rows->integer(1)];
    const auto row = rows->integer(0);
    if (!runs.empty() && runs.back().first + runs.back().count == row)
      ++runs.back().count;
    else
      runs.push_back({row, 1, 0, 0});
  }
  return map;
}

/// Rows that no session and no tombstone accounts for. Rows of the journal may outlive their session.
void check_orphans(connection& db, const problem_fn& problem) {
  const auto count = [&](std::string_view sql, std::string_view what) {
    auto rows = db.query(sql);
    if (rows.next() && rows->integer(0) != 0) problem(fmt::format("{} {}", rows->integer(0), what));
  };
  count(
      "SELECT count(*) FROM segments WHERE session NOT IN (SELECT key FROM sessions UNION ALL SELECT session "
      "FROM tombstones)",
      "segments belong to no session");
  count(
      "SELECT count(*) FROM foreign_ids WHERE session NOT IN (SELECT key FROM sessions UNION ALL SELECT "
      "session FROM tombstones)",
      "noted ids belong to no session");
  count(
      "SELECT count(*) FROM definitions WHERE session NOT IN (SELECT key FROM sessions UNION ALL SELECT "
      "session "
      "FROM tombstones)",
      "definitions belong to no session");
  count("SELECT count(*) FROM sessions WHERE key NOT IN (SELECT session FROM definitions)",
        "sessions have no definition");
  count("SELECT count(*) FROM sessions WHERE workspace<>0 AND workspace NOT IN (SELECT id FROM workspaces)",
        "sessions belong to no workspace");
  count("SELECT count(*) FROM api_keys WHERE workspace NOT IN (SELECT id FROM workspaces)",
        "API keys belong to no workspace");
  count("SELECT count(*) FROM sessions WHERE key IN (SELECT session FROM tombstones)",
        "sessions are deleted but still listed");
}

}  // namespace

store_admin::check_report check_store(connection& db,
                                      const std::function<void(const std::string&)>& problem) {
  store_admin::check_report report;
  const problem_fn tell = [&](const std::string& what) {
    ++report.problems;
    problem(what);
  };
  // A damaged page ends one part of the check, not all of it.
  const auto part = [&](std::string_view name, const auto& f) {
    try {
      f();
    } catch (const error& e) {
      if (e.as_failure().code != errc::corrupt) throw;
      tell(fmt::format("{}: {}", name, e.what()));
    }
  };
  const snapshot view{db};
  run_map runs;
  part("the file", [&] { check_file(db, tell); });
  part("the journal", [&] { runs = journal_runs(db); });
  part("the sessions", [&] {
    auto rows = db.query("SELECT key FROM sessions WHERE workspace<>0 ORDER BY key");
    for (; rows.next(); ++report.sessions) {
      const auto found = runs.find(rows->integer(0));
      const auto own =
          found == runs.end() ? std::span<const row_run>{} : std::span<const row_run>{found->second};
      report.events += check_session(db, rows->integer(0), own, tell);
    }
  });
  part("what belongs together", [&] { check_orphans(db, tell); });
  return report;
}

}  // namespace sandbase::sqlite
