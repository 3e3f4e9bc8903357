// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/tables/journal_requests.hpp"

#include <functional>

namespace sandbase::sqlite {

namespace {

/// Columns: request_body, request_first, request_last, request_at.
idempotency_record request_in(const statement& row, std::string_view key) {
  return {std::string{key}, row.hash(0), static_cast<seq_t>(row.integer(1)),
          static_cast<seq_t>(row.integer(2)), row.time(3)};
}

}  // namespace

std::uint64_t hash_of_key(std::string_view idempotency_key) {
  return std::hash<std::string_view>{}(idempotency_key);
}

void insert_journal_event(connection& db, journal_row row, session_key session, seq_t seq,
                          const journal_event& event, const idempotency_record& request) {
  db.run(
      "INSERT INTO journal(id, session, seq, author, head, proof, request_key, request_body, request_first, "
      "request_last, request_at, json) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
      row, session, seq, event.author, event.head, blob{event.proof.bytes()}, request.key, request.body,
      request.first_seq, request.last_seq, request.created_at, blob{event.json.view()});
}

std::optional<idempotency_record> find_request_in(connection& db, std::span<const journal_row> rows,
                                                  workspace_key workspace, session_key session,
                                                  std::string_view key) {
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {  // the one before has expired
    auto found = db.query(
        "SELECT request_body, request_first, request_last, request_at FROM journal "
        "JOIN sessions ON sessions.key=session WHERE journal.id=?1 AND workspace=?2 AND session=?3 AND "
        "request_key=?4 AND request_body IS NOT NULL",
        *row, workspace, session, key);
    if (found.next()) return request_in(found.row(), key);
  }
  return std::nullopt;
}

std::optional<idempotency_record> find_request_in_journal(connection& db, workspace_key workspace,
                                                          session_key session, std::string_view key) {
  auto found = db.query(
      "SELECT request_body, request_first, request_last, request_at FROM journal "
      "JOIN sessions ON sessions.key=session WHERE workspace=?1 AND session=?2 AND request_key=?3 "
      "AND request_body IS NOT NULL "
      "ORDER BY journal.id DESC LIMIT 1",
      workspace, session, key);
  if (!found.next()) return std::nullopt;
  return request_in(found.row(), key);
}

void keep_sealed_requests(connection& db, std::span<const journal_request> requests, seq_t sealed) {
  for (const auto& request : requests)
    if (request.seq <= sealed)
      db.run(
          "INSERT INTO idempotency(workspace, session, key, body, first_seq, last_seq, created_at) "
          "SELECT workspace, session, request_key, request_body, request_first, request_last, request_at "
          "FROM journal JOIN sessions ON sessions.key=session WHERE journal.id=?1 "
          // One that is there has expired, else this would not have been stored.
          "ON CONFLICT(workspace, session, key) DO UPDATE SET body=excluded.body, "
          "first_seq=excluded.first_seq, last_seq=excluded.last_seq, created_at=excluded.created_at",
          request.row);
}

void forget_unsealed_bodies(connection& db, std::span<const journal_request> requests, seq_t erased) {
  for (const auto& request : requests)
    db.run("UPDATE journal SET request_body=?3 WHERE id=?1 AND request_first<=?2 AND request_last>=?2",
           request.row, erased, digest{});
}

}  // namespace sandbase::sqlite
