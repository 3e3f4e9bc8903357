// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/roles/append_batch.hpp"

#include <fmt/core.h>

namespace sandbase::postgres {

namespace {

// As a join it would go through all of `fits` for each row, since joins by hash are off: behind a test of its
// truth it stays a look-up in a hash table.
#define SANDBASE_FITS(session) "(" session " IN (SELECT session FROM fits)) IS TRUE"

// $1 to $7: what is known of each session's end, and what it shall be. $8 to $13: the events.
#define SANDBASE_APPEND_ASKED(arrays, columns, epoch_after)                                      \
  "WITH asked AS (SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[], "  \
  "$5::bigint[], $6::bytea[], $7::bytea[]" arrays                                                \
  ") AS a(session, epoch, last_before, head_before, last_seq, head, tip" columns                 \
  ")), fits AS (UPDATE tips t SET last_seq = a.last_seq, head = a.head, tip = a.tip" epoch_after \
  " FROM asked a "                                                                               \
  "WHERE t.session = a.session AND t.epoch = a.epoch AND t.last_seq = a.last_before "            \
  "AND t.head = a.head_before"
#define SANDBASE_APPEND_EVENTS                                                                      \
  " RETURNING t.session), events AS (INSERT INTO journal(session, seq, author, head, proof, json) " \
  "SELECT e.* FROM unnest($8::bigint[], $9::bigint[], $10::bigint[], $11::bytea[], $12::bytea[], "  \
  "$13::bytea[]) AS e(session, seq, author, head, proof, json) WHERE " SANDBASE_FITS("e.session") ")"

const statement append_plain{
    "append", SANDBASE_APPEND_ASKED("", "", "") SANDBASE_APPEND_EVENTS " SELECT session FROM fits"};

// Headers, definitions, ids and keys as well. What is already there is as it was when the statement began: by
// then all that was stored in the epoch is visible, and what another epoch stores later does not fit. It is
// looked for once, for all sessions; NOT IN, as a NOT EXISTS would be done for each of them.
const statement append_all{
    "append_all",
    SANDBASE_APPEND_ASKED(", $14::bigint[]", ", ended", ", epoch = t.epoch + a.ended")
    " AND a.session NOT IN (SELECT n.session FROM unnest($15::bigint[], $16::bytea[]) AS n(session, id) "
    "JOIN foreign_ids f ON f.session = n.session AND f.id = n.id)"
    " AND a.session NOT IN (SELECT k.session FROM unnest($18::bigint[], $19::bigint[], $20::bytea[], "
    "$24::bigint[]) AS k(workspace, session, key, created_at) JOIN idempotency i "
    "ON i.workspace = k.workspace AND i.session = k.session AND i.key = k.key "
    "AND i.created_at > k.created_at - $25::bigint)" SANDBASE_APPEND_EVENTS
    ", ids AS (INSERT INTO foreign_ids(session, id, seq) SELECT n.* FROM unnest($15::bigint[], "
    "$16::bytea[], $17::bigint[]) AS n(session, id, seq) WHERE " SANDBASE_FITS("n.session") ")"
    ", keys AS (INSERT INTO idempotency(workspace, session, key, body, first_seq, last_seq, created_at) "
    "SELECT k.* FROM unnest($18::bigint[], $19::bigint[], $20::bytea[], $21::bytea[], $22::bigint[], "
    "$23::bigint[], $24::bigint[]) AS k(workspace, session, key, body, first_seq, last_seq, created_at) "
    "WHERE " SANDBASE_FITS("k.session") " ON CONFLICT (workspace, session, key) DO UPDATE SET "
    "body = excluded.body, first_seq = excluded.first_seq, last_seq = excluded.last_seq, "
    "created_at = excluded.created_at)"
    ", headers AS (UPDATE sessions s SET status = h.status, last_seq = h.last_seq, progress = h.progress "
    "FROM unnest($26::bigint[], $27::bigint[], $28::bigint[], $29::bytea[]) "
    "AS h(session, status, last_seq, progress) WHERE s.key = h.session AND " SANDBASE_FITS("h.session") ")"
    ", redefined AS (UPDATE sessions s SET status = d.status, last_seq = d.last_seq, progress = d.progress, "
    "agent_id = d.agent_id, agent_version = d.agent_version, archived_at = d.archived_at "
    "FROM unnest($30::bigint[], $31::bigint[], $32::bigint[], $33::bytea[], $34::bytea[], $35::bigint[], "
    "$36::bigint[]) AS d(session, status, last_seq, progress, agent_id, agent_version, archived_at) "
    "WHERE s.key = d.session AND " SANDBASE_FITS("d.session") ")"
    ", definitions AS (UPDATE definitions o SET definition = d.definition FROM unnest($30::bigint[], "
    "$37::bytea[]) AS d(session, definition) WHERE o.session = d.session AND " SANDBASE_FITS("d.session") ")"
    " SELECT session FROM fits"};

const statement find_reason{
    "why_not_stored",
    "SELECT (SELECT f.id FROM foreign_ids f WHERE f.session = t.session AND f.id = ANY($4::bytea[]) LIMIT "
    "1), "
    "EXISTS(SELECT FROM idempotency i WHERE i.workspace = $5::bigint AND i.session = t.session "
    "AND i.key = $6::bytea AND i.created_at > $7::bigint) FROM tips t "
    "WHERE t.session = $1::bigint AND t.epoch = $2::bigint AND t.head = $3::bytea"};

/// Of sessions: what their headers say.
struct header_columns {
  array session = integers(), status = integers(), last_seq = integers(), progress = byte_strings();

  void add(session_key key, const session_progress& p) {
    session.add(key);
    status.add(static_cast<std::int64_t>(p.status));
    last_seq.add(p.tip.last_seq);
    progress.add(p.encode());
  }
};

/// The columns of one statement.
struct columns {
  array session = integers(), epoch = integers(), last_before = integers(), head_before = byte_strings(),
        last_seq = integers(), head = byte_strings(), tip = byte_strings(), ended = integers();
  array event_session = integers(), event_seq = integers(), author = integers(), event_head = byte_strings(),
        proof = byte_strings(), json = byte_strings();
  array id_session = integers(), id = byte_strings(), id_seq = integers();
  array key_workspace = integers(), key_session = integers(), key = byte_strings(), body = byte_strings(),
        first = integers(), last = integers(), created_at = integers();
  /// Of those that are not redefined, and of those that are.
  header_columns header, redefined;
  array agent_id = byte_strings(), agent_version = integers(), archived_at = integers(),
        definition = byte_strings();

  void reserve(const std::map<session_key, append_group>& groups);
  void add(session_key key, const append_group& group);
  void add_header(session_key key, const session_header& header, const session_header* defines);
};

/// They are large: what grows step by step is copied as often.
void columns::reserve(const std::map<session_key, append_group>& groups) {
  std::size_t events = 0;
  std::size_t proofs = 0;
  std::size_t bytes = 0;
  for (const auto& [key, group] : groups)
    for (const auto& [op, place] : group.appends) {
      events += op->events.size();
      for (const auto& e : op->events) {
        proofs += e.proof.bytes().size();
        bytes += e.json.size();
      }
    }
  for (auto* column : {&event_session, &event_seq, &author}) column->reserve(events);
  event_head.reserve(events, events * sizeof(digest));
  proof.reserve(events, proofs);
  json.reserve(events, bytes);
}

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
  ended.add(std::int64_t{group.ends_epoch()});
  const session_header* written = nullptr;
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
    if (op->header) written = op->header.get();
    if (op->header && op->redefines) defines = op->header.get();
  }
  if (written != nullptr) add_header(owner, *written, defines);
}

void columns::add_header(session_key owner, const session_header& written, const session_header* defines) {
  if (defines == nullptr) return header.add(owner, written.progress);
  redefined.add(owner, written.progress);
  const auto& d = *defines->definition;
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
  c.reserve(groups_);
  for (const auto& [session, group] : groups_) c.add(session, group);
  parameters with;
  const auto add = [&](auto&&... values) { (with.add(std::move(values)), ...); };
  add(c.session, c.epoch, c.last_before, c.head_before, c.last_seq, c.head, c.tip);
  add(c.event_session, c.event_seq, c.author, c.event_head, c.proof, c.json);
  if (is_plain_) return calls.add(append_plain, std::move(with));
  add(c.ended);
  add(c.id_session, c.id, c.id_seq);
  add(c.key_workspace, c.key_session, c.key, c.body, c.first, c.last, c.created_at);
  with.add(std::chrono::milliseconds{idempotency_ttl}.count());
  for (auto* h : {&c.header, &c.redefined}) add(h->session, h->status, h->last_seq, h->progress);
  add(c.agent_id, c.agent_version, c.archived_at, c.definition);
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
