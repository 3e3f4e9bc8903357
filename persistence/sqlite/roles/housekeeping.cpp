// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/roles/housekeeping.hpp"

#include "persistence/log_recovery.hpp"
#include "persistence/sqlite/roles/batch.hpp"
#include "persistence/sqlite/tables/session_table.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase::sqlite {

namespace {

constexpr std::int64_t max_rows = 4096;
constexpr journal_row max_passed_rows = 16 * max_rows;
constexpr std::int64_t max_step_bytes = 1024 * 1024;
constexpr std::int64_t max_trim_bytes = 4 * 1024 * 1024;
/// Dead rows in front that make a trim worth its transaction while there is other work: so many, or their
/// part of the journal's bound.
constexpr journal_row worthwhile_rows = 8192;
constexpr std::int64_t worthwhile_part = 16;
/// In one transaction, whose costs they share.
constexpr std::size_t max_orphans = 64;
constexpr std::size_t max_tombstones = 64;
constexpr int kinds_of_work = 5;
constexpr std::chrono::minutes between_expiries{1};

/// The write-ahead log is not synced at the end of a transaction while this lives; the next commit's sync
/// covers it. Each commit asserts FULL for itself: one that cannot be set back here does no harm.
class unsynced {
 public:
  explicit unsynced(connection& db) : db_(db) {
    db_.exec("PRAGMA synchronous=NORMAL", "cannot put off syncs");
  }
  unsynced(const unsynced&) = delete;
  unsynced& operator=(const unsynced&) = delete;
  ~unsynced() {
    static_cast<void>(attempt([&] { db_.exec("PRAGMA synchronous=FULL", "cannot sync again"); }));
  }

 private:
  connection& db_;
};

/// The seal of everything that a session without a writer has unsealed. Throws `corrupt` if that is no log.
seal_op make_orphan_seal(connection& db, session_key session, const std::vector<row_run>& runs) {
  auto row = load_session(db, session);
  if (!row) throw error(errc::corrupt, fmt::format("session {} has unsealed events but no row", session));
  auto log = unwrap(recover_log(*row, read_unsealed(db, session, runs)));
  seal_op op;
  op.session = session;
  op.blocks = std::move(log.unsealed);
  op.header = std::make_shared<const session_header>(std::move(log.header));
  return op;
}

/// One step for a deleted session. @returns bytes taken; nothing if nothing of it is left
std::optional<std::int64_t> sweep_session(connection& db, session_key session, workspace_key workspace) {
  std::vector<std::int64_t> ids;
  std::int64_t bytes = 0;
  {
    auto rows =
        db.query("SELECT id, length(frames) FROM segments WHERE session=?1 ORDER BY first_seq LIMIT ?2",
                 session, max_rows);
    for (; bytes < max_step_bytes && rows.next(); bytes += rows->integer(1)) ids.push_back(rows->integer(0));
  }
  for (const auto id : ids) db.run("DELETE FROM segments WHERE id=?1", id);
  if (bytes >= max_step_bytes) return bytes;
  db.run(
      "DELETE FROM foreign_ids WHERE session=?1 AND id IN (SELECT id FROM foreign_ids WHERE session=?1 LIMIT "
      "?2)",
      session, max_rows);
  if (db.changes() == max_rows) return max_step_bytes;
  db.run(
      "DELETE FROM idempotency WHERE workspace=?1 AND session=?2 AND key IN "
      "(SELECT key FROM idempotency WHERE workspace=?1 AND session=?2 LIMIT ?3)",
      workspace, session, max_rows);
  if (db.changes() == max_rows) return max_step_bytes;
  db.run("DELETE FROM definitions WHERE session=?1", session);
  // Its rows in the journal are dead by themselves and go with the others there.
  db.run("DELETE FROM tombstones WHERE session=?1", session);
  return std::nullopt;
}

}  // namespace

bool housekeeping::run(const house_budget& budget, journal_row next_row) {
  while (step(budget, next_row))
    if (budget.is_spent()) return true;
  return false;
}

/// Each kind of work in turn, so that much of one does not keep another waiting; but what makes room for
/// appends comes first and goes on until there is room.
bool housekeeping::step(const house_budget& budget, journal_row next_row) {
  if (ledger_.is_pressed() && seal_orphans(true)) return true;
  for (int tried = 0; tried < kinds_of_work; ++tried) {
    turn_ = (turn_ + 1) % kinds_of_work;
    if (take_turn(budget, next_row)) return true;
  }
  return false;
}

bool housekeeping::take_turn(const house_budget& budget, journal_row next_row) {
  switch (turn_) {
    case 0:
      return trim(budget, next_row);
    case 1:
      return (budget.is_idle || ledger_.has_orphans(max_orphans)) && seal_orphans(false);
    case 2:
      return sweep();
    case 3:
      return copies_.step(budget.now, next_row);
    default:
      return expire(budget.now);
  }
}

bool housekeeping::seal_orphans(bool pressing_only) {
  const auto sessions = ledger_.orphans(max_orphans, pressing_only);
  if (sessions.empty()) return false;
  std::vector<std::pair<session_key, seq_t>> sealed;
  std::optional<std::pair<session_key, std::string>> failed;
  {
    const unsynced lazily{db_};
    write_transaction step{db_};
    std::size_t bytes = 0;
    for (const auto session : sessions) {
      try {
        const auto op = make_orphan_seal(db_, session, ledger_.find(session)->runs);
        if (auto f = write_segments(db_, op, ledger_.requests_of(session), !ledger_.leaves_unmerged(session));
            f.code != errc::none)
          throw error(f);
        sealed.emplace_back(session, op.blocks.back()->last_seq());
        for (const auto& block : op.blocks) bytes += block->frames().size();
      } catch (const error& e) {
        // What is wrong with one session must not keep the others from being sealed, nor be tried for ever.
        if (!e.is_damage()) throw;
        if (!ledger_.leaves_unmerged(session)) {
          ledger_.leave_unmerged(session);  // what is new may be sound
          return true;
        }
        failed.emplace(session, e.what());
        break;  // SQLite writes nothing more behind damage, and commits nothing: the others come with the next step
      }
      if (bytes >= static_cast<std::size_t>(max_step_bytes)) break;
    }
    if (!failed)
      step.commit();
    else
      sealed.clear();
  }
  for (const auto& [session, seq] : sealed) ledger_.sealed(session, seq);
  if (failed) ledger_.set_aside(failed->first, cannot_be_sealed(failed->first, failed->second));
  return true;
}

bool housekeeping::trim(const house_budget& budget, journal_row next_row) {
  if (!can_trim_) return false;
  // What was kept stands before what was trimmed since.
  if (ledger_.take_freed() && kept_from_) trimmed_ = *std::exchange(kept_from_, std::nullopt);
  const auto before = ledger_.oldest_row(next_row);
  if (before <= trimmed_) return false;
  if (!budget.is_idle && before - trimmed_ < worthwhile_rows &&
      dead_bytes() < ledger_.max_bytes() / worthwhile_part)
    return false;
  const auto damaged = ledger_.damaged_sessions();
  const auto kept = damaged.empty() ? "" : fmt::format(" AND session NOT IN ({})", damaged);
  if (!damaged.empty() && !kept_from_) kept_from_ = trimmed_;
  // Rows that are kept are passed over one by one.
  const auto up_to = damaged.empty() ? before : std::min(before, trimmed_ + max_passed_rows);
  journal_row last = 0;
  std::int64_t bytes = 0;
  {
    auto rows = db_.prepare(fmt::format(
        "SELECT id, length(json) FROM journal WHERE id>=?1 AND id<?2{} ORDER BY id LIMIT ?3", kept));
    rows.bind(trimmed_, up_to, max_rows);
    for (; bytes < max_trim_bytes && rows.step(); bytes += rows.integer(1)) last = rows.integer(0);
  }
  if (last == 0) {
    trimmed_ = up_to;
    if (up_to < before) return true;
    trimmed_place_ = ledger_.oldest_place();
    return false;
  }
  try {
    const unsynced lazily{db_};
    write_transaction step{db_};
    auto gone = db_.prepare("DELETE FROM journal WHERE id>=?1 AND id<=?2" + kept);
    gone.bind(trimmed_, last);
    gone.run();
    step.commit();
  } catch (const error& e) {
    // It would meet it for ever, and take the time of what can be done.
    if (!e.is_damage()) throw;
    can_trim_ = false;
    ledger_.note_damage(
        fmt::format("what is dead in the journal cannot be removed, and takes its room: {}", e.what()));
    return false;
  }
  trimmed_ = last + 1;
  trimmed_place_ = trimmed_ < before ? trimmed_place_ + bytes : ledger_.oldest_place();
  return true;
}

bool housekeeping::sweep() {
  if (nothing_deleted_) return false;
  const unsynced lazily{db_};
  write_transaction step{db_};
  std::vector<std::pair<session_key, workspace_key>> tombstones;
  {
    auto rows = db_.query("SELECT session, workspace FROM tombstones ORDER BY session");
    while (tombstones.size() < max_tombstones && rows.next())
      if (!unswept_.contains(rows->integer(0))) tombstones.emplace_back(rows->integer(0), rows->integer(1));
  }
  nothing_deleted_ = tombstones.empty();
  std::int64_t bytes = 0;
  for (const auto& [session, workspace] : tombstones) {
    try {
      if (const auto more = sweep_session(db_, session, workspace)) bytes += *more;
    } catch (const error& e) {
      // What is damaged in one must not keep the others' room, nor be tried for ever. They come with the next
      // step: SQLite commits nothing behind it.
      if (!e.is_damage()) throw;
      unswept_.insert(session);
      ledger_.note_damage(
          fmt::format("what is left of the deleted session {} cannot be removed: {}", session, e.what()));
      return true;
    }
    if (bytes >= max_step_bytes) break;
  }
  step.commit();
  return !tombstones.empty();
}

/// The table may be damaged where the oldest stand: then it is left as it is until the next look.
bool housekeeping::expire(timestamp now) {
  if (now < expire_at_ && expire_at_ <= now + between_expiries) return false;  // or the clock was set back
  expire_at_ = now + between_expiries;
  const auto expired = (now - idempotency_ttl).time_since_epoch().count();
  const unsynced lazily{db_};
  write_transaction step{db_};
  db_.run(
      "DELETE FROM idempotency WHERE (workspace, session, key) IN "
      "(SELECT workspace, session, key FROM idempotency WHERE created_at<=?1 LIMIT ?2)",
      expired, max_rows);
  const auto rows = db_.changes() + forget_deletions(db_, now - deletion_ttl, max_rows);
  step.commit();
  if (rows >= max_rows) expire_at_ = now;
  return rows > 0;
}

}  // namespace sandbase::sqlite
