// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/tables/journal_table.hpp"

#include "events/session/log_fold.hpp"
#include "persistence/sqlite/tables/journal_requests.hpp"
#include "persistence/sqlite/tables/session_table.hpp"

#include <fmt/core.h>
#include <unordered_map>

namespace sandbase::sqlite {

namespace {

/// What is known of one session on the way through the journal's rows.
struct scanned {
  bool damaged = false;
  /// Where its segments end; empty if there is no such session.
  std::optional<sealed_end> sealed;
  /// As soon as there is a live row; its place in journal_scan::sessions is then `index`.
  std::optional<log_fold> fold;
  std::size_t index = 0;
};

void count_row(std::vector<row_run>& runs, journal_row row, std::int64_t bytes, std::int64_t place) {
  if (runs.empty() || runs.back().first + runs.back().count != row) runs.push_back({row, 0, 0, place});
  ++runs.back().count;
  runs.back().bytes += bytes;
}

class scanner {
 public:
  explicit scanner(connection& db) : db_(db) {}

  journal_scan run() {
    auto rows = db_.query("SELECT id, session, seq, head, proof, json, request_key FROM journal ORDER BY id");
    while (rows.next()) take(rows.row());
    for (auto& ledger : result_.sessions)
      ledger.progress = std::move(found_.at(ledger.row.key).fold->progress());
    std::erase_if(result_.sessions,
                  [&](const unsealed_log& r) { return r.runs.empty() || found_.at(r.row.key).damaged; });
    return std::move(result_);
  }

 private:
  void take(const statement& row) {
    const auto json = row.bytes(5);
    const auto bytes = static_cast<std::int64_t>(json.size());
    const auto place = result_.bytes;
    result_.bytes += bytes;
    const auto key = row.integer(1);
    auto& s = session_of(key);
    const auto seq = static_cast<seq_t>(row.integer(2));
    // Rows of events that a segment holds are dead. Headers are only loaded for what is not: there may be few
    // of them.
    if (!s.sealed || s.damaged || seq <= s.sealed->seq) return;
    if (!s.fold && !load(key, s)) return;
    auto& ledger = result_.sessions[s.index];
    if (const auto wrong = take_in(*s.fold, seq, json, row); !wrong.empty()) return damage(s, key, wrong);
    count_row(ledger.runs, row.integer(0), bytes, place);
    if (!row.is_null(6)) ledger.requests.push_back({hash_of_key(row.text(6)), row.integer(0), seq});
  }

  /// @returns what is wrong with the event; empty if nothing is
  static std::string take_in(log_fold& fold, seq_t seq, std::string_view json, const statement& row) {
    try {
      const auto event = fold.take(seq, json, proof_in(row, 4), row.hash(3));
      return event ? std::string{} : event.error().message;
    } catch (const error& e) {
      if (e.as_failure().code != errc::corrupt) throw;
      return fmt::format("event {}: {}", seq, e.what());
    }
  }

  scanned& session_of(session_key key) {
    const auto [it, is_new] = found_.try_emplace(key);
    auto& s = it->second;
    if (is_new) unless_corrupt(key, s, [&] { s.sealed = load_sealed_end(db_, key); });
    return s;
  }

  /// @returns whether the session's header could be read
  bool load(session_key key, scanned& s) {
    unless_corrupt(key, s, [&] {
      unsealed_log ledger;
      ledger.row = load_session(db_, key).value();
      s.fold.emplace(s.sealed->seq, s.sealed->head, ledger.row.header.progress);
      s.index = result_.sessions.size();
      result_.sessions.push_back(std::move(ledger));
    });
    return s.fold.has_value();
  }

  template <class F>
  void unless_corrupt(session_key key, scanned& s, F&& f) {
    try {
      f();
    } catch (const error& e) {
      if (e.as_failure().code != errc::corrupt) throw;
      damage(s, key, e.what());
    }
  }

  void damage(scanned& s, session_key key, std::string_view what) {
    s.damaged = true;
    result_.damaged.push_back({key, fmt::format("session {} in the journal: {}", key, what)});
  }

  connection& db_;
  std::unordered_map<session_key, scanned> found_;
  journal_scan result_;
};

/// Behind the session's segments.
log_walk sealed_walk(connection& db, session_key session) {
  const auto end = load_sealed_end(db, session);
  if (!end) throw error(errc::not_found, fmt::format("there is no session {}", session));
  return {end->seq, end->head};
}

void step_or_throw(log_walk& walk, session_key session, seq_t seq, std::string_view json,
                   const event_proof& proof, const digest& head) {
  if (const auto ok = walk.step(seq, json, proof, head); !ok)
    throw error(errc::corrupt, fmt::format("session {} in the journal: {}", session, ok.error().message));
}

}  // namespace

event_proof proof_in(const statement& row, int column) {
  const auto proof = event_proof::parse(row.bytes(column));
  if (!proof) throw error(errc::corrupt, "what is kept beside it is neither a salt nor a leaf");
  return *proof;
}

void insert_journal_event(connection& db, journal_row row, session_key session, seq_t seq,
                          const journal_event& event) {
  db.run(
      "INSERT INTO journal(id, session, seq, author, head, proof, json) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
      row, session, seq, event.author, event.head, blob{event.proof.bytes()}, blob{event.json.view()});
}

journal_row next_journal_row(connection& db) {
  auto rows = db.query("SELECT coalesce(max(id), 0) + 1 FROM journal");
  rows.next();
  return rows->integer(0);
}

journal_scan scan_journal(connection& db) { return scanner{db}.run(); }

std::vector<journal_event> read_unsealed(connection& db, session_key session, std::span<const row_run> runs) {
  auto walk = sealed_walk(db, session);
  std::vector<journal_event> events;
  for (const auto& run : runs) {
    auto rows = db.query(
        "SELECT seq, author, head, proof, json FROM journal WHERE id>=?1 AND id<?2 AND session=?3 AND seq>?4 "
        "ORDER "
        "BY id",
        run.first, run.first + run.count, session, walk.last_seq());
    while (rows.next()) {
      journal_event event{
          {std::string{rows->bytes(4)}}, rows->hash(2), rows->integer(1), proof_in(rows.row(), 3)};
      step_or_throw(walk, session, static_cast<seq_t>(rows->integer(0)), event.json, event.proof, event.head);
      events.push_back(std::move(event));
    }
  }
  return events;
}

log_block_ptr read_unsealed_block(connection& db, session_key session, seq_t after, std::size_t max_bytes) {
  auto walk = sealed_walk(db, session);
  auto rows = db.query("SELECT seq, head, proof, json FROM journal WHERE session=?1 AND seq>?2 ORDER BY id",
                       session, walk.last_seq());
  std::optional<log_block_builder> builder;
  while (rows.next() && (!builder || builder->bytes() < max_bytes)) {
    const auto json = rows->bytes(3);
    const auto proof = proof_in(rows.row(), 2);
    step_or_throw(walk, session, static_cast<seq_t>(rows->integer(0)), json, proof, rows->hash(1));
    if (walk.last_seq() <= after) continue;
    const auto event = read_stored_event(json);
    if (!event) throw error(event.error());
    if (!builder) builder.emplace(walk.last_seq(), walk.head());
    builder->add_with_head(event->type, event->id, event->time.ms, json, proof, walk.head());
  }
  return builder ? builder->finish() : nullptr;
}

}  // namespace sandbase::sqlite
