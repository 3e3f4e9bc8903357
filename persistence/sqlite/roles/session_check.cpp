// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/roles/session_check.hpp"

#include "events/event/stored_event.hpp"
#include "events/json/json_text.hpp"
#include "events/session/log_fold.hpp"
#include "persistence/sqlite/tables/journal_table.hpp"
#include "persistence/sqlite/tables/segment_table.hpp"
#include "persistence/sqlite/tables/session_table.hpp"

#include <fmt/core.h>

namespace sandbase::sqlite {

namespace {

class session_check {
 public:
  session_check(connection& db, session_row row, const problem_fn& problem)
      : db_(db), row_(std::move(row)), problem_(problem) {}

  std::int64_t run(std::span<const row_run> runs) {
    try {
      check_columns();
      check_progress();
      check_segments();
      check_journal(runs);
      check_end();
    } catch (const error& e) {
      if (e.as_failure().code != errc::corrupt) throw;
      tell(e.what());
    }
    return static_cast<std::int64_t>(fold_.last_seq());
  }

 private:
  void tell(std::string_view what) const {
    problem_(fmt::format("session {} ({}): {}", row_.header.definition->id, row_.key, what));
  }
  [[noreturn]] void stop(std::string what) const { throw error(errc::corrupt, std::move(what)); }

  /// The columns that lists are filtered by say what the header says.
  void check_columns() {
    const auto& d = *row_.header.definition;
    const auto& p = row_.header.progress;
    auto rows = db_.query(
        "SELECT id, created_at, agent_id, agent_version, status, archived_at, last_seq FROM sessions WHERE "
        "key=?1",
        row_.key);
    rows.next();
    const auto expect = [&](bool same, std::string_view column) {
      if (!same) tell(fmt::format("the column {} does not agree with the header", column));
    };
    expect(rows->text(0) == d.id, "id");
    expect(rows->time(1) == d.created_at, "created_at");
    expect(rows->text(2) == d.agent_id, "agent_id");
    expect(rows->integer(3) == d.agent_version, "agent_version");
    expect(rows->integer(4) == static_cast<int>(p.status), "status");
    expect(rows->optional_time(5) == d.archived_at, "archived_at");
    expect(static_cast<seq_t>(rows->integer(6)) == p.tip.last_seq, "last_seq");
  }

  void check_segments() {
    auto rows = db_.query(
        "SELECT " SANDBASE_SEGMENT_COLUMNS " FROM segments WHERE session=?1 ORDER BY first_seq", row_.key);
    segment_loader loader{db_};
    while (rows.next()) {
      const auto block = loader.load(rows.row());
      for (auto seq = block->first_seq(); seq <= block->last_seq(); ++seq)
        check_marks(*block, seq, take(seq, block->json(seq), block->proof(seq), nullptr));
      if (block->head() != fold_.head())
        stop(fmt::format("the segment up to event {} does not fit the hash chain", block->last_seq()));
    }
    const auto sealed = load_sealed_end(db_, row_.key);
    if (row_.sealed_seq != fold_.last_seq())
      stop(fmt::format("the header says that {} events are sealed, but {} are", row_.sealed_seq,
                       fold_.last_seq()));
    if (sealed->head != fold_.head()) tell("the header's hash chain does not agree with the segments");
  }

  void check_marks(const log_block& block, seq_t seq, const stored_event& event) const {
    if (event.id != block.id(seq)) tell(fmt::format("event {} is marked with another id than its own", seq));
    if (event.type != block.mark(seq).type)
      tell(fmt::format("event {} is marked with another type than its own", seq));
    if (event.time.ms != block.mark(seq).time)
      tell(fmt::format("event {} is marked with another time than its own", seq));
  }

  void check_journal(std::span<const row_run> runs) {
    for (const auto& run : runs) {
      auto rows = db_.query(
          "SELECT seq, head, proof, json FROM journal WHERE id>=?1 AND id<?2 AND session=?3 AND seq>?4 ORDER "
          "BY id",
          run.first, run.first + run.count, row_.key, row_.sealed_seq);
      while (rows.next()) {
        const auto seq = static_cast<seq_t>(rows->integer(0));
        const auto head = rows->hash(1);
        take(seq, rows->bytes(3), proof_in(rows.row(), 2), &head);
      }
    }
  }

  /// Takes the next event in, and looks at what the fold does not: its form as JSON, its id, its time.
  /// `stored_head`: the chain that is kept beside it; null if none is.
  stored_event take(seq_t seq, std::string_view json, const event_proof& proof, const digest* stored_head) {
    if (auto valid = json::validate(json); !valid)
      stop(fmt::format("event {}: {}", seq, valid.error().message));
    const auto before = fold_.progress().tip.last_time.ms;
    const auto event =
        stored_head != nullptr ? fold_.take(seq, json, proof, *stored_head) : fold_.take(seq, json, proof);
    if (!event) stop(event.error().message);
    check_id(seq, event->id);
    // Finer digits were not looked at when earlier versions wrote.
    if (event->time.ms < before) tell(fmt::format("event {} is earlier than the one before it", seq));
    check_progress();
    return *event;
  }

  void check_id(seq_t seq, std::string_view id) {
    auto rows = db_.query("SELECT seq FROM foreign_ids WHERE session=?1 AND id=?2", row_.key, id);
    const bool noted = rows.next() && static_cast<seq_t>(rows->integer(0)) == seq;
    if (noted)
      ++noted_ids_;
    else if (told_place(id) != seq)
      tell(fmt::format("event {} cannot be found by its id {}", seq, id));
  }

  /// Where the header was written its progress must be the fold up to there.
  void check_progress() {
    const auto& header = row_.header.progress;
    if (header.tip.last_seq != fold_.last_seq()) return;
    auto folded = fold_.progress();
    folded.tip.updated_at = header.tip.updated_at;  // also moved by what is no event
    folded.recent_appends = header.recent_appends;  // who appended is not in the log
    forget_payloads(folded, header, fold_.untold());
    forget_what_is_new(folded, header);
    if (folded != header)
      tell(fmt::format("the header as of event {} does not agree with the log", fold_.last_seq()));
  }

  /// What was taken over of payloads that are erased now cannot be judged.
  static void forget_payloads(session_progress& folded, const session_progress& header,
                              const untold_progress& lacks) {
    if (lacks.usage) folded.tip.usage = header.tip.usage;
    if (lacks.details) folded.details = header.details;
    if (lacks.pending) folded.pending = header.pending;
    if (lacks.outcomes) folded.outcomes = header.outcomes;
  }

  /// Headers of earlier versions do not tell finer digits of times, names of tools, details of usage and
  /// answers.
  static void forget_what_is_new(session_progress& folded, const session_progress& header) {
    if (header.tip.last_time.nanos == 0) folded.tip.last_time.nanos = 0;
    if (header.details == usage_details{}) folded.details = {};
    if (header.answers.size() < folded.answers.size())
      folded.answers.erase(folded.answers.begin(),
                           folded.answers.end() - static_cast<std::ptrdiff_t>(header.answers.size()));
    for (std::size_t i = 0; i < std::min(folded.pending.size(), header.pending.size()); ++i)
      if (header.pending[i].name.empty()) folded.pending[i].name.clear();
  }

  void check_end() {
    if (fold_.last_seq() < row_.header.progress.tip.last_seq)
      tell(fmt::format("the log ends at event {}, but the header knows event {}", fold_.last_seq(),
                       row_.header.progress.tip.last_seq));
    auto rows = db_.query("SELECT count(*) FROM foreign_ids WHERE session=?1", row_.key);
    rows.next();
    if (rows->integer(0) != noted_ids_)
      tell(fmt::format("{} noted ids belong to no event of the log", rows->integer(0) - noted_ids_));
  }

  connection& db_;
  session_row row_;
  const problem_fn& problem_;
  log_fold fold_;
  std::int64_t noted_ids_ = 0;
};

}  // namespace

std::int64_t check_session(connection& db, session_key session, std::span<const row_run> runs,
                           const problem_fn& problem) {
  try {
    auto row = load_session(db, session);
    return row ? session_check{db, *std::move(row), problem}.run(runs) : 0;
  } catch (const error& e) {
    if (e.as_failure().code != errc::corrupt) throw;
    problem(e.what());
    return 0;
  }
}

}  // namespace sandbase::sqlite
