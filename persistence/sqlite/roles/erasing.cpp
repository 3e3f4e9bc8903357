// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/roles/erasing.hpp"

#include "persistence/sqlite/sql/log_moving.hpp"
#include "persistence/sqlite/tables/segment_table.hpp"
#include "persistence/sqlite/tables/session_table.hpp"

#include <fmt/core.h>
#include <vector>

namespace sandbase::sqlite {

namespace {

constexpr std::int64_t rows_a_step = 4096;
/// In one round, which holds them in memory.
constexpr std::int64_t max_erased = 4096;
/// A reader that stays for long keeps the log from being emptied: it is tried again.
constexpr std::chrono::seconds between_tries{1};

error not_there(session_key session, seq_t seq) {
  return error(errc::corrupt, fmt::format("event {} of session {} is missing", seq, session));
}

void erase_sealed(connection& db, session_key session, const event_erasure& what) {
  const auto block = load_segment_with(db, session, what.seq);
  if (!block) throw not_there(session, what.seq);
  rewrite_segment(db, session, *block->with_tombstone(what.seq, what.tombstone));
}

void erase_unsealed(connection& db, session_key session, const event_erasure& what,
                    std::span<const row_run> runs) {
  for (const auto& run : runs) {
    journal_row row = 0;
    event_proof leaf;
    {
      auto rows =
          db.query("SELECT id, proof, json FROM journal WHERE id>=?1 AND id<?2 AND session=?3 AND seq=?4",
                   run.first, run.first + run.count, session, what.seq);
      if (!rows.next()) continue;
      row = rows->integer(0);
      leaf = event_proof::from_leaf(proof_in(rows.row(), 1).leaf_of(rows->bytes(2)));
    }
    db.run("UPDATE journal SET proof=?2, json=?3 WHERE id=?1", row, blob{leaf.bytes()}, blob{what.tombstone});
    return;
  }
  throw not_there(session, what.seq);
}

}  // namespace

void erase_event(connection& db, session_key session, const event_erasure& what,
                 std::span<const row_run> runs) {
  const auto sealed = load_sealed_end(db, session);
  if (!sealed) throw not_there(session, what.seq);
  if (what.seq <= sealed->seq)
    erase_sealed(db, session, what);
  else
    erase_unsealed(db, session, what, runs);
  db.run("INSERT INTO erasures(session, seq) VALUES(?1, ?2) ON CONFLICT DO NOTHING", session, what.seq);
}

bool copy_eraser::step(timestamp now, journal_row next_row) {
  switch (phase_) {
    case phase::idle:
      return has_new_ && begin(next_row);
    case phase::looking:
      look();
      return true;
    case phase::emptying:
      return empty(now);
  }
  return false;
}

bool copy_eraser::begin(journal_row next_row) {
  erased_.clear();
  unreadable_.clear();
  auto rows = db_.query("SELECT session, seq FROM erasures LIMIT ?1", max_erased);
  while (rows.next()) erased_.emplace(rows->integer(0), static_cast<seq_t>(rows->integer(1)));
  has_new_ = static_cast<std::int64_t>(erased_.size()) == max_erased;
  if (erased_.empty()) return false;
  from_ = 0;
  up_to_ = next_row;
  phase_ = phase::looking;
  return true;
}

/// Goes on through the journal's rows. Their payloads are not read.
void copy_eraser::look() {
  std::vector<journal_row> copies;
  std::vector<journal_row> requests;
  journal_row last = up_to_;
  {
    auto rows = db_.query(
        "SELECT id, session, seq, request_first, request_last FROM journal WHERE id>=?1 AND id<?2 "
        "ORDER BY id LIMIT ?3",
        from_, up_to_, rows_a_step);
    std::int64_t count = 0;
    while (rows.next()) {
      if (++count == rows_a_step) last = rows->integer(0) + 1;
      const auto session = rows->integer(1);
      const auto seq = static_cast<seq_t>(rows->integer(2));
      const bool is_copy = erased_.contains({session, seq});
      const bool has_request =
          !rows->is_null(3) &&
          is_erased_of(session, static_cast<seq_t>(rows->integer(3)), static_cast<seq_t>(rows->integer(4)));
      if ((!is_copy && !has_request) || is_live(session, seq)) continue;
      if (is_copy) copies.push_back(rows->integer(0));
      if (has_request) requests.push_back(rows->integer(0));
    }
  }
  if (!copies.empty() || !requests.empty()) {
    write_transaction step{db_};
    for (const auto row : copies) db_.run("UPDATE journal SET proof=x'', json=x'' WHERE id=?1", row);
    for (const auto row : requests) db_.run("UPDATE journal SET request_body=NULL WHERE id=?1", row);
    step.commit();
  }
  from_ = last;
  if (from_ < up_to_) return;
  has_asked_ = false;
  ask_again_at_ = {};
  phase_ = phase::emptying;
}

/// Asks for the log to be moved, then empties it.
bool copy_eraser::empty(timestamp now) {
  if (wants_moved_log_) return false;
  if (std::exchange(has_asked_, false) && empty_log(db_)) {
    conclude();
    return true;
  }
  if (now >= ask_again_at_ || ask_again_at_ > now + between_tries) {  // or the clock was set back
    ask_again_at_ = now + between_tries;
    has_asked_ = wants_moved_log_ = true;
  }
  return false;
}

bool copy_eraser::is_erased_of(session_key session, seq_t first, seq_t last) const {
  const auto i = erased_.lower_bound({session, first});
  return i != erased_.end() && i->first == session && i->second <= last;
}

/// Where it is read it has its tombstone since it was erased.
bool copy_eraser::is_live(session_key session, seq_t seq) {
  try {
    const auto sealed = load_sealed_end(db_, session);
    return sealed && seq > sealed->seq;
  } catch (const error& e) {
    // A session that nobody can open must not keep the others' copies.
    if (!e.is_damage()) throw;
    unreadable_.insert(session);
    return true;
  }
}

void copy_eraser::conclude() {
  write_transaction step{db_};
  for (const auto& [session, seq] : erased_)
    if (!unreadable_.contains(session))
      db_.run("DELETE FROM erasures WHERE session=?1 AND seq=?2", session, seq);
  step.commit();
  ledger_.payload_erased();
  has_concluded_ = true;
  erased_.clear();
  phase_ = phase::idle;
}

}  // namespace sandbase::sqlite
