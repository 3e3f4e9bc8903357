// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/roles/staging.hpp"

#include "persistence/postgres/roles/creating.hpp"
#include "persistence/postgres/roles/sealing.hpp"
#include "persistence/postgres/tables/segment_table.hpp"

#include <fmt/core.h>
#include <set>

namespace sandbase::postgres {

const statement bury_statement{
    "bury",
    "WITH gone AS (DELETE FROM sessions WHERE key = $1::bigint RETURNING key, workspace), "
    "ends AS (DELETE FROM tips t USING gone WHERE t.session = gone.key) "
    "INSERT INTO tombstones(session, workspace) SELECT key, workspace FROM gone"};

namespace {

const statement lock_staged{
    "lock_staged",
    "SELECT t.sealed_seq, t.sealed_head FROM tips t JOIN sessions s ON s.key = t.session WHERE "
    "t.session = $1::bigint AND t.writer = $2::bigint AND s.workspace = 0 FOR NO KEY UPDATE OF t"};
const statement move_staged_end{
    "move_staged_end",
    "UPDATE tips SET sealed_seq = $2::bigint, sealed_head = $3::bytea, last_seq = $2::bigint, "
    "head = $3::bytea WHERE session = $1::bigint"};
const statement insert_slice{
    "insert_slice",
    "INSERT INTO segments(session, first_seq, last_seq, checksum, marks, frames) SELECT $1::bigint, b.* "
    "FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[], $6::bytea[]) AS b"};
const statement insert_ids{
    "insert_ids",
    "INSERT INTO foreign_ids(session, id, seq) SELECT $1::bigint, n.* FROM unnest($2::bytea[], "
    "$3::bigint[]) AS n ON CONFLICT DO NOTHING RETURNING id"};
const statement show_staged{
    "publish",
    "UPDATE sessions s SET workspace = $2::bigint, id = $3::text, created_at = $4::bigint, "
    "agent_id = $5::bytea, agent_version = $6::bigint, status = $7::bigint, archived_at = $8::bigint, "
    "last_seq = $9::bigint, progress = $10::bytea WHERE s.key = $1::bigint AND NOT EXISTS (SELECT FROM "
    "sessions o WHERE o.workspace = $2::bigint AND o.id = $3::text) RETURNING key"};
const statement define_staged{"publish_definition",
                              "UPDATE definitions SET definition = $2::bytea WHERE session = $1::bigint"};
const statement end_staged{"publish_end",
                           "UPDATE tips SET writer = 0, tip = $2::bytea WHERE session = $1::bigint"};

failure unknown(session_key session) {
  return {errc::not_found, fmt::format("there is no session {}", session)};
}

/// Whether the id tells a place, other than `seq`, at which the event does have this id.
bool stands_elsewhere(connection& db, session_key session, std::string_view id, seq_t seq, seq_t end) {
  const auto told = told_place(id);
  if (!told || *told == seq || *told > end) return false;
  const auto block = load_segment_with(db, session, *told);
  return block != nullptr && block->id(*told) == id;
}

}  // namespace

std::optional<sealed_end> find_staged(const stager& by, session_key session) {
  const auto found = by.db.run(lock_staged, parameters{session, by.node});
  if (found.empty()) return std::nullopt;
  return sealed_end{found.number(0, 0), found.hash(0, 1)};
}

std::string write_slice(connection& db, session_key session, const std::vector<log_block_ptr>& blocks,
                        const std::vector<std::pair<std::string, seq_t>>& ids, seq_t end) {
  pipeline calls;
  segment_arrays segments;
  for (const auto& block : blocks) segments.add(session, *block);
  parameters with{session};
  segments.add_to(with);
  if (!blocks.empty()) calls.add(insert_slice, std::move(with));
  auto names = byte_strings();
  auto places = integers();
  for (const auto& [id, seq] : ids) {
    names.add(id);
    places.add(seq);
  }
  if (!ids.empty()) calls.add(insert_ids, parameters{session, names, places});
  if (calls.empty()) return {};
  const auto answers = db.run(calls);
  if (ids.empty()) return {};
  std::multiset<std::string, std::less<>> noted;
  for (int i = 0; i < answers.back().count(); ++i) noted.insert(answers.back().text(i, 0));
  for (const auto& [id, seq] : ids) {
    const auto found = noted.find(id);
    if (found == noted.end() || stands_elsewhere(db, session, id, seq, end)) return id;
    noted.erase(found);
  }
  return {};
}

failure stage(const stager& by, const stage_op& op, op_outcome& to) {
  transaction all{by.db};
  auto key = op.session;
  std::optional<sealed_end> before = sealed_end{};
  if (key == 0) {
    session_header hidden;
    hidden.definition.edit().id = make_id("staged", timestamp{});
    key = insert_session(by.db, staging_workspace, hidden, by.node);
  } else {
    before = find_staged(by, key);
  }
  if (!before) return unknown(op.session);
  if (op.blocks.empty() || op.blocks.front()->first_seq() != before->seq + 1 || !follow_each_other(op.blocks))
    return {errc::internal, fmt::format("blocks to stage do not follow event {}", before->seq)};
  const auto& last = *op.blocks.back();
  to.existing_id = write_slice(by.db, key, op.blocks, op.foreign_ids, last.last_seq());
  if (!to.existing_id.empty())
    return {errc::invalid, fmt::format("the session already has an event of id {}", to.existing_id)};
  pipeline rest;
  rest.add(move_staged_end, parameters{key, last.last_seq(), last.head()});
  all.commit(std::move(rest));
  to.session = key;
  return {};
}

failure publish(const stager& by, const publish_op& op, op_outcome& to) {
  const auto& d = *op.header->definition;
  const auto& p = op.header->progress;
  const failure taken{errc::conflict, fmt::format("the workspace has a session {}", d.id)};
  if (op.session == 0) {
    if (p.tip.last_seq != 0) return {errc::internal, "nothing was staged of a session with events"};
    to.session = insert_session(by.db, op.workspace, *op.header, 0);
    return to.session == 0 ? taken : failure{};
  }
  transaction all{by.db};
  const auto end = find_staged(by, op.session);
  if (!end) return unknown(op.session);
  if (end->seq != p.tip.last_seq || end->head != p.tip.head)
    return {errc::internal, "the header does not fit the staged log"};
  const auto shown = by.db.run(
      show_staged, parameters{op.session, op.workspace, d.id, d.created_at, d.agent_id, d.agent_version,
                              static_cast<int>(p.status), d.archived_at, p.tip.last_seq, p.encode()});
  if (shown.empty()) return taken;
  pipeline rest;
  rest.add(define_staged, parameters{op.session, d.encode()});
  rest.add(end_staged, parameters{op.session, p.tip.encode()});
  all.commit(std::move(rest));
  to.session = op.session;
  return {};
}

failure unstage(const stager& by, const unstage_op& op) {
  transaction all{by.db};
  if (!find_staged(by, op.session)) return unknown(op.session);
  pipeline rest;
  rest.add(bury_statement, parameters{op.session});
  all.commit(std::move(rest));
  return {};
}

}  // namespace sandbase::postgres
