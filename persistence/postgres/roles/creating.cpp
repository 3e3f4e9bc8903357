// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/roles/creating.hpp"

#include "persistence/postgres/tables/new_number.hpp"
#include "persistence/postgres/tables/request_table.hpp"
#include "persistence/postgres/tables/session_table.hpp"

#include <fmt/core.h>
#include <unordered_map>

namespace sandbase::postgres {

namespace {

// The row of the Idempotency-Key comes first: of two nodes that do the same one waits there for the other. A
// session whose id is taken meanwhile breaks the table's rule, and the whole is done anew.
//
// A session's events name its place among those that are asked for: its key is looked up in one array. A join
// would go through all sessions for each event, since joins by hash are off.
#define SANDBASE_MADE_AT(place) "(SELECT keys FROM places)[" place "]"

const statement insert_sessions{
    "create",
    "WITH asked AS MATERIALIZED (SELECT " SANDBASE_NEW_NUMBER(
        "sessions_key_seq") " AS session, a.* FROM unnest("
    "$1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bytea[], $6::bigint[], $7::bigint[], "
    "$8::bigint[], $9::bigint[], $10::bytea[], $11::bytea[], $12::bytea[], $13::bytea[], $14::bigint[], "
    "$15::bytea[], $16::bytea[], $17::bigint[], $18::bigint[]) AS a(n, workspace, id, created_at, agent_id, "
    "agent_version, status, archived_at, last_seq, progress, definition, head, tip, epoch, key, body, "
    "asked_at, writer)), "
    "news AS MATERIALIZED (SELECT * FROM asked a WHERE NOT EXISTS (SELECT FROM sessions s "
    "WHERE s.workspace = a.workspace AND s.id = a.id)), "
    "requests AS (INSERT INTO idempotency AS i (workspace, session, key, body, first_seq, last_seq, "
    "created_at, created_session, created_id) SELECT workspace, 0, key, body, 0, 0, asked_at, session, id "
    "FROM news WHERE key IS NOT NULL ON CONFLICT (workspace, session, key) DO UPDATE SET "
    "body = excluded.body, created_at = excluded.created_at, created_session = excluded.created_session, "
    "created_id = excluded.created_id WHERE i.created_at <= excluded.created_at - $25::bigint "
    "RETURNING created_session), "
    "made AS MATERIALIZED (SELECT * FROM news WHERE key IS NULL OR session IN "
    "(SELECT created_session FROM requests)), "
    "headers AS (INSERT INTO sessions(key, workspace, id, created_at, agent_id, agent_version, status, "
    "archived_at, last_seq, progress) SELECT session, workspace, id, created_at, agent_id, agent_version, "
    "status, archived_at, last_seq, progress FROM made), "
    "meanings AS (INSERT INTO definitions SELECT session, definition FROM made), "
    "ends AS (INSERT INTO tips(session, epoch, writer, last_seq, head, tip, sealed_head) "
    "SELECT session, epoch, writer, last_seq, head, tip, $26::bytea FROM made), "
    "places AS MATERIALIZED (SELECT array_agg(CASE WHEN (a.session IN (SELECT session FROM made)) IS TRUE "
    "THEN a.session ELSE 0 END ORDER BY a.n) AS keys FROM asked a), "
    "events AS (INSERT INTO journal(session, seq, author, head, proof, json) SELECT " SANDBASE_MADE_AT(
        "e.place") ", e.seq, e.author, e.head, e.proof, e.json FROM unnest($19::bigint[], $20::bigint[], "
    "$21::bigint[], $22::bytea[], $23::bytea[], $24::bytea[]) AS e(place, seq, author, head, proof, json) "
    "WHERE " SANDBASE_MADE_AT("e.place") " <> 0), "
    "ids AS (INSERT INTO foreign_ids(session, id, seq) SELECT " SANDBASE_MADE_AT("f.place") ", f.id, f.seq "
    "FROM unnest($27::bigint[], $28::bytea[], $29::bigint[]) AS f(place, id, seq) "
    "WHERE " SANDBASE_MADE_AT("f.place") " <> 0) "
    "SELECT n, session FROM made"};

const statement find_requests{
    "find_creations",
    "SELECT a.n, i.body, i.created_at, i.created_session, i.created_id "
    "FROM unnest($1::bigint[], $2::bigint[], $3::bytea[]) AS a(n, workspace, key) JOIN idempotency i "
    "ON i.workspace = a.workspace AND i.session = 0 AND i.key = a.key"};

const statement delete_session{
    "delete",
    "WITH gone AS (DELETE FROM tips WHERE session = $1::bigint AND epoch = $2::bigint RETURNING session), "
    "dead AS (DELETE FROM sessions s USING gone g WHERE s.key = g.session RETURNING s.key, s.workspace, "
    "s.id), "
    "stone AS (INSERT INTO tombstones(session, workspace) SELECT key, workspace FROM dead), "
    "noted AS (INSERT INTO deletions(workspace, id, author, at) SELECT workspace, id, $3::bigint, $4::bigint "
    "FROM dead ON CONFLICT (workspace, id) DO UPDATE SET author = excluded.author, at = excluded.at) "
    "SELECT key FROM dead"};

struct columns {
  array n = integers(), workspace = integers(), id = texts(), created_at = integers(),
        agent_id = byte_strings(), agent_version = integers(), status = integers(), archived_at = integers(),
        last_seq = integers(), progress = byte_strings(), definition = byte_strings(), head = byte_strings(),
        tip = byte_strings(), epoch = integers(), key = byte_strings(), body = byte_strings(),
        asked_at = integers(), writer = integers();
  array event_place = integers(), seq = integers(), author = integers(), event_head = byte_strings(),
        proof = byte_strings(), json = byte_strings();
  array id_place = integers(), event_id = byte_strings(), id_seq = integers();

  void add(const create_op& op, std::int64_t number, std::int64_t by);
  parameters take() &&;
};

void columns::add(const create_op& op, std::int64_t number, std::int64_t by) {
  const auto& d = *op.header->definition;
  const auto& p = op.header->progress;
  n.add(number);
  workspace.add(op.workspace);
  id.add(d.id);
  created_at.add(d.created_at);
  agent_id.add(d.agent_id);
  agent_version.add(d.agent_version);
  status.add(static_cast<std::int64_t>(p.status));
  d.archived_at ? archived_at.add(*d.archived_at) : archived_at.add_null();
  last_seq.add(p.tip.last_seq);
  progress.add(p.encode());
  definition.add(d.encode());
  head.add(p.tip.head);
  tip.add(p.tip.encode());
  epoch.add(make_first_epoch());
  writer.add(by);
  if (op.idempotency) {
    key.add(op.idempotency->key);
    body.add(op.idempotency->body);
    asked_at.add(op.idempotency->created_at);
  } else {
    key.add_null();
    body.add_null();
    asked_at.add_null();
  }
  // It begins at 1, and not all numbers are asked for.
  const auto place = static_cast<std::int64_t>(n.size());
  std::int64_t at = 0;
  for (const auto& e : op.events) {
    event_place.add(place);
    seq.add(++at);
    author.add(e.author);
    event_head.add(e.head);
    proof.add(e.proof.bytes());
    json.add(e.json.view());
  }
  for (const auto& [name, seq_of_it] : op.foreign_ids) {
    id_place.add(place);
    event_id.add(name);
    id_seq.add(seq_of_it);
  }
}

parameters columns::take() && {
  parameters with;
  const auto put = [&](auto&&... values) { (with.add(std::move(values)), ...); };
  put(n, workspace, id, created_at, agent_id, agent_version, status, archived_at, last_seq, progress);
  put(definition, head, tip, epoch, key, body, asked_at, writer);
  put(event_place, seq, author, event_head, proof, json);
  put(std::chrono::milliseconds{idempotency_ttl}.count(), digest{}, id_place, event_id, id_seq);
  return with;
}

}  // namespace

bool create_batch::add(const create_op& op, std::size_t place) {
  const std::pair id{op.workspace, op.unfit.code == errc::none ? op.header->definition->id : std::string{}};
  const auto key =
      op.idempotency ? std::optional{std::pair{op.workspace, op.idempotency->key}} : std::nullopt;
  if ((!id.second.empty() && ids_.contains(id)) || (key && keys_.contains(*key))) return false;
  ids_.insert(id);
  if (key) keys_.insert(*key);
  ops_.emplace_back(&op, place);
  return true;
}

std::size_t create_batch::add_to(pipeline& calls) const {
  columns c;
  auto asked = integers();
  auto workspaces = integers();
  auto keys = byte_strings();
  for (std::size_t i = 0; i < ops_.size(); ++i) {
    const auto& op = *ops_[i].first;
    const auto n = static_cast<std::int64_t>(i);
    if (op.unfit.code == errc::none) c.add(op, n, 0);
    if (!op.idempotency) continue;
    asked.add(n);
    workspaces.add(op.workspace);
    keys.add(op.idempotency->key);
  }
  const auto first = calls.add(insert_sessions, std::move(c).take());
  calls.add(find_requests, parameters{asked, workspaces, keys});
  return first;
}

std::vector<op_outcome> create_batch::outcomes(const rows& made, const rows& requests) const {
  std::unordered_map<std::size_t, session_key> keys;
  for (int i = 0; i < made.count(); ++i) keys.emplace(made.number(i, 0), made.integer(i, 1));
  std::unordered_map<std::size_t, int> kept;
  for (int i = 0; i < requests.count(); ++i) kept.emplace(requests.number(i, 0), i);
  std::vector<op_outcome> all;
  for (std::size_t i = 0; i < ops_.size(); ++i) {
    const auto& op = *ops_[i].first;
    auto& to = all.emplace_back();
    if (const auto key = keys.find(i); key != keys.end()) {
      to.session = key->second;
      continue;
    }
    const auto row = kept.find(i);
    if (row != kept.end() && !is_expired(requests.time(row->second, 2), op.idempotency->created_at)) {
      const auto body = requests.hash(row->second, 1);
      if (body != digest{} && body != op.idempotency->body) {
        to.error = {errc::conflict, "the Idempotency-Key was used with another body"};
        continue;
      }
      to.session = requests.integer(row->second, 3);
      to.existed = true;
      to.existing_id = requests.bytes(row->second, 4);
      continue;
    }
    to.error = op.unfit.code != errc::none
                   ? op.unfit
                   : failure{errc::conflict,
                             fmt::format("the workspace has a session {}", op.header->definition->id)};
  }
  return all;
}

std::size_t add_delete(pipeline& calls, const delete_op& op) {
  return calls.add(delete_session, parameters{op.session, op.epoch, op.author, op.at});
}

session_key insert_session(connection& db, workspace_key workspace, const session_header& header,
                           std::int64_t writer) {
  create_op op;
  op.workspace = workspace;
  op.header = std::make_shared<const session_header>(header);
  columns c;
  c.add(op, 0, writer);
  const auto made = db.run(insert_sessions, std::move(c).take());
  return made.empty() ? 0 : made.integer(0, 1);
}

}  // namespace sandbase::postgres
