// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/roles/append_batch.hpp"

#include <fmt/core.h>

namespace sandbase::postgres {

namespace {

// As a join it would go through all of `fits` for each row, since joins by hash are off: behind a test of its
// truth it stays a look-up in a hash table.
#define SANDBASE_FITS(session) "(" session " IN (SELECT session FROM fits)) IS TRUE"

// $1 to $7: what is known of each session's end, and what it shall be. $8 to $13: the events.
#define SANDBASE_APPEND_ASKED(epoch_after)                                                                  \
  "WITH asked AS (SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[], "             \
  "$5::bigint[], $6::bytea[], $7::bytea[]) AS a(session, epoch, last_before, head_before, last_seq, head, " \
  "tip)), fits AS (UPDATE tips t SET last_seq = a.last_seq, head = a.head, tip = a.tip" epoch_after         \
  " FROM asked a "                                                                                          \
  "WHERE t.session = a.session AND t.epoch = a.epoch AND t.last_seq = a.last_before "                       \
  "AND t.head = a.head_before"
#define SANDBASE_APPEND_EVENTS                                                                      \
  " RETURNING t.session), events AS (INSERT INTO journal(session, seq, author, head, proof, json) " \
  "SELECT e.* FROM unnest($8::bigint[], $9::bigint[], $10::bigint[], $11::bytea[], $12::bytea[], "  \
  "$13::bytea[]) AS e(session, seq, author, head, proof, json) WHERE " SANDBASE_FITS("e.session") ")"

const statement append_plain{"append",
                             SANDBASE_APPEND_ASKED("") SANDBASE_APPEND_EVENTS " SELECT session FROM fits"};

// Headers, definitions, ids and keys as well. What is already there is as it was when the statement began: by
// then all that was stored in the epoch is visible, and what another epoch stores later does not fit.
const statement append_all{
    "append_all", SANDBASE_APPEND_ASKED(", epoch = t.epoch + (t.session = ANY($35::bigint[]))::integer")
    " AND NOT EXISTS (SELECT FROM unnest($14::bigint[], $15::bytea[]) AS n(session, id) "
    "JOIN foreign_ids f ON f.session = n.session AND f.id = n.id WHERE n.session = a.session)"
    " AND NOT EXISTS (SELECT FROM unnest($17::bigint[], $18::bigint[], $19::bytea[], $23::bigint[]) "
    "AS k(workspace, session, key, created_at) JOIN idempotency i ON i.workspace = k.workspace "
    "AND i.session = k.session AND i.key = k.key AND i.created_at > k.created_at - $24::bigint "
    "WHERE k.session = a.session)" SANDBASE_APPEND_EVENTS
    ", ids AS (INSERT INTO foreign_ids(session, id, seq) SELECT n.* FROM unnest($14::bigint[], "
    "$15::bytea[], $16::bigint[]) AS n(session, id, seq) WHERE " SANDBASE_FITS("n.session") ")"
    ", keys AS (INSERT INTO idempotency(workspace, session, key, body, first_seq, last_seq, created_at) "
    "SELECT k.* FROM unnest($17::bigint[], $18::bigint[], $19::bytea[], $20::bytea[], $21::bigint[], "
    "$22::bigint[], $23::bigint[]) AS k(workspace, session, key, body, first_seq, last_seq, created_at) "
    "WHERE " SANDBASE_FITS("k.session") " ON CONFLICT (workspace, session, key) DO UPDATE SET "
    "body = excluded.body, first_seq = excluded.first_seq, last_seq = excluded.last_seq, "
    "created_at = excluded.created_at)"
    ", headers AS (UPDATE sessions s SET status = h.status, last_seq = h.last_seq, progress = h.progress "
    "FROM unnest($25::bigint[], $26::bigint[], $27::bigint[], $28::bytea[], $29::bigint[]) "
    "AS h(session, status, last_seq, progress, redefines) "
    "WHERE s.key = h.session AND h.redefines = 0 AND " SANDBASE_FITS("h.session") ")"
    ", redefined AS (UPDATE sessions s SET status = h.status, last_seq = h.last_seq, progress = h.progress, "
    "agent_id = d.agent_id, agent_version = d.agent_version, archived_at = d.archived_at "
    "FROM unnest($25::bigint[], $26::bigint[], $27::bigint[], $28::bytea[], $29::bigint[]) "
    "AS h(session, status, last_seq, progress, redefines) JOIN unnest($30::bigint[], $31::bytea[], "
    "$32::bigint[], $33::bigint[], $34::bytea[]) AS d(session, agent_id, agent_version, archived_at, "
    "definition) ON d.session = h.session WHERE s.key = h.session AND " SANDBASE_FITS("h.session") ")"
    ", definitions AS (UPDATE definitions o SET definition = d.definition FROM unnest($30::bigint[], "
    "$34::bytea[]) AS d(session, definition) WHERE o.session = d.session AND " SANDBASE_FITS("d.session") ")"
    " SELECT session FROM fits"};

const statement find_reason{
    "why_not_stored",
    "SELECT (SELECT f.id FROM foreign_ids f WHERE f.session = t.session AND f.id = ANY($4::bytea[]) LIMIT "
    "1), "
    "EXISTS(SELECT FROM idempotency i WHERE i.workspace = $5::bigint AND i.session = t.session "
    "AND i.key = $6::bytea AND i.created_at > $7::bigint) FROM tips t "
    "WHERE t.session = $1::bigint AND t.epoch = $2::bigint AND t.head = $3::bytea"};

/// The columns of one statement.
struct columns {
  array session = integers(), epoch = integers(), last_before = integers(), head_before = byte_strings(),
        last_seq = integers(), head = byte_strings(), tip = byte_strings();
  array event_session = integers(), event_seq = integers(), author = integers(), event_head = byte_strings(),
        proof = byte_strings(), json = byte_strings();
  array id_session = integers(), id = byte_strings(), id_seq = integers();
  array key_workspace = integers(), key_session = integers(), key = byte_strings(), body = byte_strings(),
        first = integers(), last = integers(), created_at = integers();
  array header_session = integers(), status = integers(), header_seq = integers(), progress = byte_strings(),
        redefines = integers();
  array defined_session = integers(), agent_id = byte_strings(), agent_version = integers(),
        archived_at = integers(), definition = byte_strings();
  array ended = integers();

  void add(session_key key, const append_group& group);
  void add_header(session_key key, const session_header& header, const session_header* defines);
};

void columns::add(session_key owner, const append_group& group) {
  const auto& first_op = *group.appends.front().first;
  const auto& last_op = *group.appends.back().first;
  session.add(owner);
  epoch.add(first_op.epoch);
  last_before.add(first_op.first_seq - 1);
  head_before.add(first_op.previous_head);
  last_seq.add(last_op.tip.last_seq);
  head.add(last_op.tip.head);
  tip.add(last_op.tip.encode());
  const session_header* header = nullptr;
  const session_header* defines = nullptr;
  for (const auto& [op, place] : group.appends) {
    auto seq = op->first_seq;
    for (const auto& e : op->events) {
      event_session.add(owner);
      event_seq.add(seq++);
      author.add(e.author);
      event_head.add(e.head);
      proof.add(e.proof.bytes());
      json.add(e.json.view());
    }
    for (const auto& [name, at] : op->foreign_ids) {
      id_session.add(owner);
      id.add(name);
      id_seq.add(at);
    }
    if (op->idempotency) {
      key_workspace.add(op->workspace);
      key_session.add(owner);
      key.add(op->idempotency->key);
      body.add(op->idempotency->body);
      first.add(op->idempotency->first_seq);
      last.add(op->idempotency->last_seq);
      created_at.add(op->idempotency->created_at);
    }
    if (op->ends_epoch) ended.add(owner);
    if (op->header) header = op->header.get();
    if (op->header && op->redefines) defines = op->header.get();
  }
  if (header != nullptr) add_header(owner, *header, defines);
}

void columns::add_header(session_key owner, const session_header& header, const session_header* defines) {
  const auto& p = header.progress;
  header_session.add(owner);
  status.add(static_cast<std::int64_t>(p.status));
  header_seq.add(p.tip.last_seq);
  progress.add(p.encode());
  redefines.add(std::int64_t{defines != nullptr});
  if (defines == nullptr) return;
  const auto& d = *defines->definition;
  defined_session.add(owner);
  agent_id.add(d.agent_id);
  agent_version.add(d.agent_version);
  d.archived_at ? archived_at.add(*d.archived_at) : archived_at.add_null();
  definition.add(d.encode());
}

bool needs_more(const append_op& op) {
  return op.header != nullptr || op.idempotency || !op.foreign_ids.empty() || op.ends_epoch;
}

}  // namespace

failure fenced() { return {errc::fenced, "the session has another writer by now"}; }

bool append_batch::add(const append_op& op, std::size_t place) {
  std::set<std::string> ids;
  for (const auto& [id, seq] : op.foreign_ids)
    if (ids_.contains({op.session, id}) || !ids.insert(id).second) return false;
  if (op.idempotency && keys_.contains({op.session, op.idempotency->key})) return false;
  for (const auto& id : ids) ids_.emplace(op.session, id);
  if (op.idempotency) keys_.emplace(op.session, op.idempotency->key);
  groups_[op.session].appends.emplace_back(&op, place);
  is_plain_ = is_plain_ && !needs_more(op);
  return true;
}

const append_group* append_batch::group_of(session_key session) const {
  const auto found = groups_.find(session);
  return found == groups_.end() ? nullptr : &found->second;
}

std::size_t append_batch::add_to(pipeline& calls) const {
  columns c;
  for (const auto& [session, group] : groups_) c.add(session, group);
  parameters with{c.session,       c.epoch,     c.last_before, c.head_before, c.last_seq, c.head, c.tip,
                  c.event_session, c.event_seq, c.author,      c.event_head,  c.proof,    c.json};
  if (is_plain_) return calls.add(append_plain, std::move(with));
  const auto lifetime = std::chrono::milliseconds{idempotency_ttl}.count();
  const auto add = [&](const auto&... values) { (with.add(values), ...); };
  add(c.id_session, c.id, c.id_seq);
  add(c.key_workspace, c.key_session, c.key, c.body, c.first, c.last, c.created_at, lifetime);
  add(c.header_session, c.status, c.header_seq, c.progress, c.redefines);
  add(c.defined_session, c.agent_id, c.agent_version, c.archived_at, c.definition);
  add(c.ended);
  return calls.add(append_all, std::move(with));
}

std::set<session_key> append_batch::stored(const rows& answer) {
  std::set<session_key> all;
  for (int i = 0; i < answer.count(); ++i) all.insert(answer.integer(i, 0));
  return all;
}

failure why_not_stored(connection& db, const append_op& op) {
  auto ids = byte_strings();
  for (const auto& [id, seq] : op.foreign_ids) ids.add(id);
  parameters with{op.session, op.epoch, op.previous_head, ids, op.workspace};
  with.add(op.idempotency ? std::optional{op.idempotency->key} : std::nullopt);
  with.add(op.idempotency ? std::optional{op.idempotency->created_at - idempotency_ttl} : std::nullopt);
  const auto found = db.run(find_reason, std::move(with));
  if (found.empty()) return fenced();
  if (!found.is_null(0, 0))
    return {errc::invalid, fmt::format("the session already has an event of id {}", found.bytes(0, 0))};
  if (found.integer(0, 1) != 0) return {errc::conflict, "the Idempotency-Key is already in use"};
  return fenced();
}

}  // namespace sandbase::postgres
