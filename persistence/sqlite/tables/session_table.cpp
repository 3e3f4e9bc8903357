// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/tables/session_table.hpp"

#include <fmt/core.h>

namespace sandbase::sqlite {

session_row read_session(const statement& row) {
  session_row s;
  s.key = row.integer(0);
  s.workspace = row.integer(1);
  s.sealed_seq = static_cast<seq_t>(row.integer(2));
  auto definition = session_definition::decode(row.text(3));
  auto progress = session_progress::decode(row.text(4));
  if (!definition || !progress) {
    const auto& why = definition ? progress.error() : definition.error();
    throw error(errc::corrupt,
                fmt::format("the header of session {} cannot be read: {}", s.key, why.message));
  }
  s.header = {*std::move(definition), *std::move(progress)};
  return s;
}

std::optional<session_row> load_session(connection& db, session_key key) {
  auto rows = db.query(
      "SELECT " SANDBASE_SESSION_COLUMNS " FROM " SANDBASE_SESSION_TABLES " WHERE sessions.key=?1", key);
  if (!rows.next()) return std::nullopt;
  return read_session(rows.row());
}

std::optional<session_key> insert_session(connection& db, workspace_key workspace,
                                          const session_header& header) {
  const auto& d = *header.definition;
  const auto& p = header.progress;
  db.run(
      "INSERT INTO sessions(workspace, id, created_at, agent_id, agent_version, status, archived_at, "
      "last_seq, "
      "sealed_seq, sealed_head, progress) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9, ?10) "
      "ON CONFLICT(workspace, id) DO NOTHING",
      workspace, d.id, d.created_at, d.agent_id, d.agent_version, static_cast<int>(p.status), d.archived_at,
      p.tip.last_seq, digest{}, p.encode());
  if (db.changes() == 0) return std::nullopt;
  const auto key = db.last_row();
  db.run("INSERT INTO definitions(session, definition) VALUES(?1, ?2)", key, d.encode());
  return key;
}

bool update_header(connection& db, session_key key, const session_header& header, bool redefines) {
  const auto& d = *header.definition;
  const auto& p = header.progress;
  if (!redefines) {
    db.run("UPDATE sessions SET status=?2, last_seq=?3, progress=?4 WHERE key=?1", key,
           static_cast<int>(p.status), p.tip.last_seq, p.encode());
    return db.changes() != 0;
  }
  db.run(
      "UPDATE sessions SET created_at=?2, agent_id=?3, agent_version=?4, status=?5, archived_at=?6, "
      "last_seq=?7, "
      "progress=?8 WHERE key=?1",
      key, d.created_at, d.agent_id, d.agent_version, static_cast<int>(p.status), d.archived_at,
      p.tip.last_seq, p.encode());
  if (db.changes() == 0) return false;
  db.run("UPDATE definitions SET definition=?2 WHERE session=?1", key, d.encode());
  return true;
}

std::optional<sealed_end> load_sealed_end(connection& db, session_key key) {
  auto rows = db.query("SELECT sealed_seq, sealed_head, last_seq FROM sessions WHERE key=?1", key);
  if (!rows.next()) return std::nullopt;
  return sealed_end{static_cast<seq_t>(rows->integer(0)), rows->hash(1),
                    static_cast<seq_t>(rows->integer(2))};
}

void update_sealed_end(connection& db, session_key key, const sealed_end& before, seq_t seq,
                       const digest& head, const session_header* header) {
  if (header == nullptr || header->progress.tip.last_seq < before.last_seq) {
    db.run("UPDATE sessions SET sealed_seq=?2, sealed_head=?3 WHERE key=?1", key, seq, head);
    return;
  }
  const auto& p = header->progress;
  db.run(
      "UPDATE sessions SET sealed_seq=?2, sealed_head=?3, status=?4, last_seq=?5, progress=?6 WHERE key=?1",
      key, seq, head, static_cast<int>(p.status), p.tip.last_seq, p.encode());
}

bool is_staged(connection& db, session_key key) {
  return db.query("SELECT 1 FROM sessions WHERE key=?1 AND workspace=?2", key, staging_workspace).next();
}

bool publish_staged(connection& db, session_key key, workspace_key workspace, const session_header& header) {
  db.run("UPDATE OR IGNORE sessions SET workspace=?2, id=?3 WHERE key=?1", key, workspace,
         header.definition->id);
  return db.changes() != 0 && !is_staged(db, key) && update_header(db, key, header, true);
}

void bury_staged(connection& db) {
  if (!db.query("SELECT 1 FROM sessions WHERE workspace=?1 LIMIT 1", staging_workspace).next()) return;
  write_transaction all{db};
  db.run("INSERT INTO tombstones(session, workspace) SELECT key, workspace FROM sessions WHERE workspace=?1",
         staging_workspace);
  db.run("DELETE FROM sessions WHERE workspace=?1", staging_workspace);
  all.commit();
}

std::optional<deletion_record> find_deletion(connection& db, workspace_key workspace, std::string_view id) {
  auto rows = db.query("SELECT author, at FROM deletions WHERE workspace=?1 AND id=?2", workspace, id);
  if (!rows.next()) return std::nullopt;
  return deletion_record{rows->integer(0), rows->time(1)};
}

std::int64_t forget_deletions(connection& db, timestamp before, std::int64_t most) {
  db.run(
      "DELETE FROM deletions WHERE (workspace, id) IN (SELECT workspace, id FROM deletions WHERE at<=?1 "
      "LIMIT ?2)",
      before, most);
  return db.changes();
}

bool bury_session(connection& db, session_key key, const std::optional<deletion_record>& how) {
  if (how)
    db.run(
        "INSERT OR REPLACE INTO deletions(workspace, id, author, at) "
        "SELECT workspace, id, ?2, ?3 FROM sessions WHERE key=?1",
        key, how->author, how->at);
  db.run("INSERT INTO tombstones(session, workspace) SELECT key, workspace FROM sessions WHERE key=?1", key);
  if (db.changes() == 0) return false;
  db.run("DELETE FROM sessions WHERE key=?1", key);
  return true;
}

}  // namespace sandbase::sqlite
