// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/roles/housekeeping.hpp"

#include "persistence/log_recovery.hpp"
#include "persistence/postgres/roles/claiming.hpp"
#include "persistence/postgres/roles/node_presence.hpp"
#include "persistence/postgres/roles/sealing.hpp"
#include "persistence/postgres/tables/request_table.hpp"
#include "persistence/postgres/tables/session_table.hpp"

namespace sandbase::postgres {

namespace {

// Of pg_try_advisory_lock(): "SBev", and what it is for.
constexpr std::int64_t house_lock = 0x53426576'00000002;
constexpr std::int64_t max_rows = 4096;
constexpr std::int64_t max_step_bytes = std::int64_t{1024} * 1024;
/// Sessions that a search for those without a writer looks at in one step.
constexpr std::int64_t walk_step = 256;

const statement lock_house{"lock_house", "SELECT pg_try_advisory_lock($1::bigint)"};
const statement unlock_house{"unlock_house", "SELECT pg_advisory_unlock_all()"};

// From session to session along the key, however many rows each has. A deleted one's rows are swept.
const statement walk_unsealed{
    "walk_unsealed",
    "WITH RECURSIVE walk AS ((SELECT session FROM journal WHERE session > $1::bigint ORDER BY session LIMIT 1) "
    "UNION ALL SELECT (SELECT j.session FROM journal j WHERE j.session > w.session ORDER BY j.session LIMIT 1) "
    "FROM walk w WHERE w.session IS NOT NULL) SELECT w.session, t.session IS NOT NULL AND NOT (t.writer <> 0 "
    "AND " SANDBASE_IS_ALIVE("t.writer") ") FROM (SELECT session FROM walk WHERE session IS NOT NULL "
    "LIMIT $2::bigint) w LEFT JOIN tips t ON t.session = w.session ORDER BY w.session"};

const statement find_tombstones{
    "find_tombstones",
    "SELECT t.session, t.workspace, coalesce((SELECT sum(b.size) FROM (SELECT octet_length(s.frames) "
    "AS size FROM segments s WHERE s.session = t.session LIMIT 256) b), 0)::bigint, "
    "(SELECT count(*) FROM (SELECT FROM journal j WHERE j.session = t.session LIMIT $1::bigint) a) + "
    "(SELECT count(*) FROM (SELECT FROM foreign_ids f WHERE f.session = t.session LIMIT $1::bigint) b) + "
    "(SELECT count(*) FROM (SELECT FROM idempotency i WHERE i.workspace = t.workspace "
    "AND i.session = t.session LIMIT $1::bigint) c) + "
    "16 * (SELECT count(*) FROM (SELECT FROM segments s WHERE s.session = t.session LIMIT 256) d) "
    "FROM tombstones t ORDER BY t.session LIMIT 64"};
const statement sweep_all{
    "sweep_all",
    "WITH gone AS (DELETE FROM tombstones WHERE session = ANY($1::bigint[]) RETURNING session, workspace), "
    "a AS (DELETE FROM segments s USING gone WHERE s.session = gone.session), "
    "b AS (DELETE FROM journal j USING gone WHERE j.session = gone.session), "
    "c AS (DELETE FROM foreign_ids f USING gone WHERE f.session = gone.session), "
    "d AS (DELETE FROM idempotency i USING gone WHERE i.workspace = gone.workspace "
    "AND i.session = gone.session) "
    "DELETE FROM definitions d USING gone WHERE d.session = gone.session"};
const statement find_front{"find_front_segments",
                           "SELECT first_seq, octet_length(frames) FROM segments WHERE session = $1::bigint "
                           "ORDER BY first_seq LIMIT 256"};
const statement sweep_some{
    "sweep_some",
    "WITH a AS (DELETE FROM segments WHERE session = $1::bigint AND first_seq <= $3::bigint), "
    "b AS (DELETE FROM journal WHERE (session, seq) IN (SELECT session, seq FROM journal "
    "WHERE session = $1::bigint ORDER BY seq LIMIT $4::bigint)), "
    "c AS (DELETE FROM foreign_ids WHERE (session, id) IN (SELECT session, id FROM foreign_ids "
    "WHERE session = $1::bigint LIMIT $4::bigint)) "
    "DELETE FROM idempotency WHERE (workspace, session, key) IN (SELECT workspace, session, key "
    "FROM idempotency WHERE workspace = $2::bigint AND session = $1::bigint LIMIT $4::bigint)"};

const statement bury_staged{
    "bury_staged",
    "WITH gone AS (DELETE FROM sessions s USING tips t WHERE s.workspace = 0 AND t.session = s.key "
    "AND NOT " SANDBASE_IS_ALIVE("t.writer") " RETURNING s.key), "
    "ends AS (DELETE FROM tips t USING gone WHERE t.session = gone.key) "
    "INSERT INTO tombstones(session, workspace) SELECT key, 0 FROM gone"};

const statement let_session_go{
    "let_go", "UPDATE tips SET writer = 0 WHERE session = $1::bigint AND epoch = $2::bigint"};

}  // namespace

bool housekeeping::run(const house_budget& budget, std::set<session_key>& adrift) {
  adrift_ = &adrift;
  const auto now = clock::now();
  if (!budget.is_idle && now < rests_until_ && !group_.unsealed.is_pressed()) return false;
  rests_until_ = now + rest;
  if (db_.run(lock_house, parameters{house_lock}).integer(0, 0) == 0) return false;
  try {
    db_.run(bury_staged);
    has_looked_ = false;
    bool more = true;
    while (more && (more = step(budget)))
      if (budget.is_spent()) break;
    db_.run(unlock_house);
    if (more) rests_until_ = {};
    return more || walked_ != 0;
  } catch (...) {
    // Another node's turn, unless the lock is gone with the connection.
    static_cast<void>(attempt([&] {
      if (db_.is_open()) db_.run(unlock_house);
    }));
    throw;
  }
}

/// Each kind in turn, so that much of one does not keep another waiting; but room for appends comes first.
bool housekeeping::step(const house_budget& budget) {
  if (group_.unsealed.is_pressed() && seal_orphan()) return true;
  constexpr int kinds = 4;
  for (int tried = 0; tried < kinds; ++tried) {
    turn_ = (turn_ + 1) % kinds;
    const bool did = turn_ == 0   ? budget.is_idle && seal_orphan()
                     : turn_ == 1 ? sweep()
                     : turn_ == 2 ? expire(db_, budget.now, max_rows)
                                  : budget.is_idle && merge();
    if (did) return true;
  }
  return false;
}

bool housekeeping::merge() {
  while (const auto session = group_.take_small())
    if (merge_small_segments(db_, *session)) return true;
  return false;
}

bool housekeeping::seal_orphan() {
  if (orphans_.empty()) look_for_orphans();
  while (!orphans_.empty()) {
    const auto session = orphans_.front();
    orphans_.pop_front();
    if (!group_.why_set_aside(session).empty()) continue;
    try {
      seal(session);
    } catch (const error& e) {
      if (!e.is_damage()) throw;
      group_.set_aside(session, e.what());
    }
    return true;
  }
  return false;
}

/// Goes on where it looked last, some sessions at a time. Behind the last it begins anew, in another round.
void housekeeping::look_for_orphans() {
  if (has_looked_) return;
  const auto some = db_.run(walk_unsealed, parameters{walked_, walk_step});
  for (int i = 0; i < some.count(); ++i)
    if (some.integer(i, 1) != 0) orphans_.push_back(some.integer(i, 0));
  const bool is_last = some.count() < walk_step;
  walked_ = is_last ? 0 : some.integer(some.count() - 1, 0);
  has_looked_ = is_last || orphans_.empty();
}

/// As its writer, so that nobody else's appends come between; unless it has one by now.
void housekeeping::seal(session_key session) {
  adrift_->insert(session);
  auto claimed = claim_orphan(db_, {session, group_.mark_of(0)});
  if (!claimed) {
    adrift_->erase(session);
    return;
  }
  auto log = unwrap(recover_log(claimed->log.row, claimed->log.unsealed));
  pipeline calls;
  if (!log.unsealed.empty()) {
    seal_op op;
    op.session = session;
    op.epoch = claimed->epoch;
    op.blocks = std::move(log.unsealed);
    op.header = std::make_shared<const session_header>(std::move(log.header));
    add_seal(calls, op, 0);
    if (op.blocks.back()->frames().size() < sealed_block_bytes) group_.note_small(session);
  }
  calls.add(let_session_go, parameters{session, claimed->epoch});
  db_.run(calls);  // if somebody claims it meanwhile, it is his to seal
  adrift_->erase(session);
}

bool housekeeping::sweep() {
  const auto found = db_.run(find_tombstones, parameters{max_rows});
  if (found.empty()) return false;
  auto small = integers();
  std::int64_t bytes = 0;
  std::int64_t count = 0;
  for (int i = 0; i < found.count(); ++i) {
    bytes += found.integer(i, 2);
    count += found.integer(i, 3);
    if (bytes > max_step_bytes || count >= max_rows) break;
    small.add(found.integer(i, 0));
  }
  if (small.size() > 0)
    db_.run(sweep_all, parameters{small});
  else
    sweep_some_of(found.integer(0, 0), found.integer(0, 1));
  return true;
}

void housekeeping::sweep_some_of(session_key session, workspace_key workspace) {
  const auto front = db_.run(find_front, parameters{session});
  seq_t last = 0;
  std::int64_t bytes = 0;
  for (int i = 0; i < front.count() && bytes < max_step_bytes; ++i) {
    last = front.number(i, 0);
    bytes += front.integer(i, 1);
  }
  db_.run(sweep_some, parameters{session, workspace, last, max_rows});
}

}  // namespace sandbase::postgres
