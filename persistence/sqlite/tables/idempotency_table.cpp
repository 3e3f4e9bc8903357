// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/tables/idempotency_table.hpp"

namespace sandbase::sqlite {

std::optional<kept_request> find_request(connection& db, workspace_key workspace, session_key session,
                                         std::string_view key) {
  auto rows = db.query(
      "SELECT body, first_seq, last_seq, created_at, created_session, created_id FROM idempotency "
      "WHERE workspace=?1 AND session=?2 AND key=?3",
      workspace, session, key);
  if (!rows.next()) return std::nullopt;
  kept_request kept;
  kept.record = {std::string{key}, rows->hash(0), static_cast<seq_t>(rows->integer(1)),
                 static_cast<seq_t>(rows->integer(2)), rows->time(3)};
  if (!rows->is_null(4)) kept.created = creation{rows->integer(4), std::string{rows->text(5)}};
  return kept;
}

bool keep_request(connection& db, workspace_key workspace, session_key session,
                  const idempotency_record& record, const std::optional<creation>& created) {
  constexpr std::string_view upsert =
      "INSERT INTO idempotency(workspace, session, key, body, first_seq, last_seq, created_at, "
      "created_session, created_id) "
      "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT(workspace, session, key) DO UPDATE SET "
      "body=excluded.body, first_seq=excluded.first_seq, last_seq=excluded.last_seq, "
      "created_at=excluded.created_at, "
      "created_session=excluded.created_session, created_id=excluded.created_id "
      "WHERE idempotency.created_at <= ?10";
  const auto expired = record.created_at - idempotency_ttl;
  if (created)
    db.run(upsert, workspace, session, record.key, record.body, record.first_seq, record.last_seq,
           record.created_at, created->session, created->id, expired);
  else
    db.run(upsert, workspace, session, record.key, record.body, record.first_seq, record.last_seq,
           record.created_at, nullptr, nullptr, expired);
  return db.changes() != 0;
}

void forget_bodies(connection& db, workspace_key workspace, session_key session, seq_t seq) {
  db.run(
      "UPDATE idempotency SET body=?4 WHERE workspace=?1 AND session=?2 AND first_seq<=?3 AND last_seq>=?3",
      workspace, session, seq, digest{});
  if (seq > max_initial_events) return;
  // A workspace may have many creations: this one is found by its time, which is the session's.
  db.run(
      "UPDATE idempotency INDEXED BY idempotency_by_age SET body=?4 WHERE created_at=(SELECT created_at FROM "
      "sessions WHERE key=?2) AND workspace=?1 AND session=?3 AND created_session=?2",
      workspace, session, creations, digest{});
}

}  // namespace sandbase::sqlite
