// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/tables/request_table.hpp"

#include "events/session/session.hpp"

namespace sandbase::postgres {

namespace {

const statement find_by_key{"find_request",
                            "SELECT body, first_seq, last_seq, created_at FROM idempotency "
                            "WHERE workspace = $1::bigint AND session = $2::bigint AND key = $3::bytea"};
const statement forget_append{
    "forget_body",
    "UPDATE idempotency SET body = $4::bytea WHERE workspace = $1::bigint AND session = $2::bigint "
    "AND first_seq <= $3::bigint AND last_seq >= $3::bigint"};
// A workspace may have many creations: this one is found by its time, which is the session's.
const statement forget_creation{
    "forget_creation",
    "UPDATE idempotency SET body = $3::bytea WHERE created_at = (SELECT created_at FROM sessions "
    "WHERE key = $2::bigint) AND workspace = $1::bigint AND session = 0 AND created_session = $2::bigint"};
const statement find_deleted{
    "find_deletion", "SELECT author, at FROM deletions WHERE workspace = $1::bigint AND id = $2::text"};
// Said twice: a row that is renewed meanwhile is looked at again by the outer condition alone.
const statement expire_requests{
    "expire_requests",
    "DELETE FROM idempotency WHERE (workspace, session, key) IN (SELECT workspace, session, key "
    "FROM idempotency WHERE created_at <= $1::bigint ORDER BY created_at LIMIT $2::bigint) "
    "AND created_at <= $1::bigint"};
const statement expire_deletions{
    "expire_deletions",
    "DELETE FROM deletions WHERE (workspace, id) IN (SELECT workspace, id FROM deletions "
    "WHERE at <= $1::bigint LIMIT $2::bigint) AND at <= $1::bigint"};

}  // namespace

std::optional<idempotency_record> find_request(connection& db, workspace_key workspace, session_key session,
                                               std::string_view key) {
  const auto found = db.run(find_by_key, parameters{workspace, session, key});
  if (found.empty()) return std::nullopt;
  return idempotency_record{std::string{key}, found.hash(0, 0), found.number(0, 1), found.number(0, 2),
                            found.time(0, 3)};
}

void add_forgotten_bodies(pipeline& calls, workspace_key workspace, session_key session, seq_t seq) {
  calls.add(forget_append, parameters{workspace, session, seq, digest{}});
  if (seq <= max_initial_events) calls.add(forget_creation, parameters{workspace, session, digest{}});
}

std::optional<deletion_record> find_deletion(connection& db, workspace_key workspace, std::string_view id) {
  const auto found = db.run(find_deleted, parameters{workspace, id});
  if (found.empty()) return std::nullopt;
  return deletion_record{found.integer(0, 0), found.time(0, 1)};
}

bool expire(connection& db, timestamp now, std::int64_t most) {
  pipeline both;
  both.add(expire_requests, parameters{now - idempotency_ttl, most});
  both.add(expire_deletions, parameters{now - deletion_ttl, most});
  const auto done = db.run(both);
  return done[0].changes() + done[1].changes() > 0;
}

}  // namespace sandbase::postgres
