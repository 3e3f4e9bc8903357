// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/tables/schema.hpp"

#include <fmt/core.h>
#include <optional>
#include <thread>

namespace sandbase::postgres {

namespace {

// Of pg_advisory_lock(): "SBev", and what it is for.
constexpr std::int64_t migration_lock = 0x53426576'00000001;

table_versions look_at_versions(connection& db) {
  if (db.ask("SELECT to_regclass('sandbase.schema') IS NOT NULL") != "t") return {};
  return read_versions(db.run(find_versions));
}

/// How long a change of tables may take once it has them.
constexpr std::chrono::hours work_patience{1};

/// As one transaction; empty if somebody else uses a table. Whoever needs that meanwhile waits behind this
/// here, so that it gives up sooner than an append does.
std::optional<migration_report> try_to_migrate(connection& db, table_history known) {
  static_assert(migration_lock_timeout < batch_lock_timeout);
  db.exec(fmt::format("BEGIN; SET LOCAL lock_timeout={}", migration_lock_timeout.count()));
  const auto from = look_at_versions(db).version;  // again, now that nobody else can change it
  auto version = from;
  try {
    if (version == 0)
      db.exec(
          "CREATE SCHEMA IF NOT EXISTS sandbase; CREATE TABLE IF NOT EXISTS sandbase.schema("
          "version BIGINT PRIMARY KEY, oldest_writer BIGINT NOT NULL)");
    for (; version < version_of(known); ++version) {
      const auto& next = known[static_cast<std::size_t>(version)];
      db.exec(next.tables, work_patience);
      db.exec(fmt::format("INSERT INTO schema(version, oldest_writer) VALUES({}, {})", version + 1,
                          next.oldest_writer));
    }
  } catch (const error& e) {
    if (!e.is_locked()) throw;
    return std::nullopt;
  }
  db.exec("COMMIT");
  return migration_report{from, version};
}

failure in_use(connection& db) {
  const auto who = db.ask(
      "SELECT coalesce((SELECT coalesce(nullif(a.application_name, ''), a.usename, '?') || ' (process ' || "
      "a.pid || ')' FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_stat_activity a "
      "ON a.pid = l.pid WHERE c.relnamespace = 'sandbase'::regnamespace AND l.granted "
      "AND a.pid <> pg_backend_pid() ORDER BY a.xact_start LIMIT 1), 'somebody else')");
  return {errc::unavailable,
          fmt::format("the tables in {} cannot be brought to this program's version: {} uses them; try again "
                      "once that is done",
                      db.where().shown(), who)};
}

failure forbidden(const connection& db, const error& e) {
  return {
      errc::invalid,
      fmt::format("the tables cannot be made in {}: {}; give the role the right to create in the database "
                  "(GRANT CREATE ON DATABASE), or let another one run `sandbase-events migrate` once",
                  db.where().shown(), e.what())};
}

}  // namespace

const statement find_versions{"find_versions",
                              "SELECT version, oldest_writer FROM schema ORDER BY version DESC LIMIT 1"};

table_versions read_versions(const rows& answer) {
  if (answer.empty()) return {};
  return {answer.integer(0, 0), answer.integer(0, 1)};
}

result<void> may_write(const table_versions& found, std::int64_t own, const conninfo& where) {
  if (found.oldest_writer <= own) return {};
  return {
      errc::outdated,
      fmt::format("{} has schema version {}, which programs older than {} may not write (this one has {}): "
                  "use the program version that wrote it",
                  where.shown(), found.version, found.oldest_writer, own)};
}

std::int64_t inspect(connection& db, table_history known) {
  const auto found = look_at_versions(db);
  if (auto may = may_write(found, version_of(known), db.where()); !may)
    throw error(errc::invalid, may.error().message);
  return found.version;
}

migration_report migrate(connection& db, table_history known, std::chrono::milliseconds patience) {
  if (const auto found = inspect(db, known); found >= version_of(known)) return {found, found};
  constexpr std::chrono::seconds between{3};  // in which appends go on
  const auto until = std::chrono::steady_clock::now() + patience;
  try {
    // Before the transaction: one that begins before another's has ended may not find what that has made.
    db.exec(fmt::format("SET statement_timeout=0; SET lock_timeout=0; SELECT pg_advisory_lock({})",
                        migration_lock),
            work_patience);
    for (;; std::this_thread::sleep_for(between)) {
      const auto done = try_to_migrate(db, known);
      if (!done && std::chrono::steady_clock::now() < until) continue;
      if (!done) throw error(in_use(db));
      db.close();  // with the lock and the settings
      return *done;
    }
  } catch (const error& e) {
    if (e.sqlstate() != "42501") throw;
    throw error(forbidden(db, e));
  }
}

failure no_store(const connection& db) {
  return {errc::not_found, fmt::format("there is no store at {}", db.where().shown())};
}

void expect_current(connection& db, table_history known) {
  const auto found = inspect(db, known);
  if (found == 0) throw error(no_store(db));
  if (found < version_of(known))
    throw error(errc::invalid, fmt::format("{} has schema version {}, older than the {} of this program: run "
                                           "`sandbase-events migrate`, which brings it up to date",
                                           db.where().shown(), found, version_of(known)));
}

}  // namespace sandbase::postgres
