// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/roles/erasing.hpp"

#include "persistence/postgres/roles/append_batch.hpp"
#include "persistence/postgres/tables/request_table.hpp"
#include "persistence/postgres/tables/segment_table.hpp"
#include "persistence/segment_codec.hpp"

#include <fmt/core.h>

namespace sandbase::postgres {

namespace {

const statement rewrite_segment{
    "rewrite_segment",
    "UPDATE segments SET checksum = $3::bigint, marks = $4::bytea, frames = $5::bytea "
    "WHERE session = $1::bigint AND first_seq = $2::bigint"};
const statement find_event{"find_unsealed",
                           "SELECT json, proof FROM journal WHERE session = $1::bigint AND seq = $2::bigint"};
const statement rewrite_event{
    "rewrite_event",
    "UPDATE journal SET json = $3::bytea, proof = $4::bytea WHERE session = $1::bigint AND seq = $2::bigint"};
const statement note_erasure{"note_erasure",
                             "INSERT INTO erasures(session, seq) VALUES($1::bigint, $2::bigint)"};

/// The calls that put the tombstone in place of the event; nothing if there is no such event.
bool add_tombstone(connection& db, session_key session, const event_erasure& what, pipeline& calls) {
  if (const auto block = load_segment_with(db, session, what.seq)) {
    const auto erased = block->with_tombstone(what.seq, what.tombstone);
    const auto [marks, checksum] =
        encode_segment({session, erased->first_seq(), erased->last_seq()}, *erased);
    calls.add(rewrite_segment, parameters{session, erased->first_seq(), checksum, marks, erased->frames()});
    return true;
  }
  const auto found = db.run(find_event, parameters{session, what.seq});
  if (found.empty()) return false;
  const auto leaf = event_proof::from_leaf(found.proof(0, 1).leaf_of(found.bytes(0, 0)));
  calls.add(rewrite_event, parameters{session, what.seq, what.tombstone, leaf.bytes()});
  return true;
}

}  // namespace

failure append_and_erase(connection& db, const append_op& op) {
  append_batch one;
  one.add(op, 0);
  transaction all{db};
  pipeline calls;
  const auto at = one.add_to(calls);
  if (append_batch::stored(db.run(calls)[at]).empty()) return why_not_stored(db, op);
  pipeline rest;
  if (!add_tombstone(db, op.session, *op.erases, rest))
    return {errc::corrupt, fmt::format("event {} of session {} is missing", op.erases->seq, op.session)};
  add_forgotten_bodies(rest, op.workspace, op.session, op.erases->seq);
  rest.add(note_erasure, parameters{op.session, op.erases->seq});
  all.commit(std::move(rest));
  return {};
}

void vacuum_journal(connection& db) {
  constexpr std::chrono::minutes patience{10};
  db.exec("SET statement_timeout=0");
  // To shorten the file would take a lock that everybody waits for.
  db.exec("VACUUM (TRUNCATE false) journal, tips", patience);
}

bool vacuum_erased(connection& db) {
  const auto last = db.ask("SELECT max(id) FROM erasures");
  if (last.empty()) return true;
  constexpr std::chrono::hours patience{6};
  db.exec("SET statement_timeout=0");
  // Vacuum keeps what somebody may still see: what is not older than that has to be vacuumed again.
  const auto seen = db.ask(
      "SELECT coalesce(max(age(x)), 0) FROM (SELECT backend_xmin AS x FROM pg_stat_activity "
      "WHERE pid <> pg_backend_pid() UNION ALL SELECT transaction FROM pg_prepared_xacts UNION ALL "
      "SELECT xmin FROM pg_replication_slots) others WHERE x IS NOT NULL");
  for (const auto* table : {"journal", "segments", "idempotency", "sessions"})
    db.exec(fmt::format("VACUUM (INDEX_CLEANUP ON) {}", table), patience);
  db.exec(fmt::format("DELETE FROM erasures WHERE id <= {} AND age(written_by) > {}", last, seen));
  return db.ask("SELECT EXISTS(SELECT FROM erasures)") != "t";
}

}  // namespace sandbase::postgres
