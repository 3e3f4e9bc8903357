// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/roles/session_check.hpp"

#include "persistence/sqlite/tables/segment_table.hpp"
#include "persistence/sqlite/tables/session_table.hpp"

#include <fmt/core.h>

namespace sandbase::sqlite {

namespace {

class session_check {
 public:
  session_check(connection& db, session_row row, const problem_fn& problem)
      : db_(db),
        log_(
            std::move(row), [this](const auto& ids) { return noted(ids); }, problem) {}

  std::int64_t run(std::span<const row_run> runs) {
    try {
      check_columns();
      log_.begin();
      check_segments();
      check_journal(runs);
      log_.end(count_noted());
    } catch (const store_error& e) {
      if (e.as_failure().code != errc::corrupt) throw;
      log_.tell(e.what());
    }
    return static_cast<std::int64_t>(log_.last_seq());
  }

 private:
  session_key key() const { return log_.row().key; }

  /// The columns that lists are filtered by say what the header says.
  void check_columns() {
    const auto& d = *log_.row().header.definition;
    const auto& p = log_.row().header.progress;
    auto rows = db_.query(
        "SELECT id, created_at, agent_id, agent_version, status, archived_at, last_seq FROM sessions WHERE "
        "key=?1",
        key());
    rows.next();
    const auto expect = [&](bool same, std::string_view column) {
      if (!same) log_.tell(fmt::format("the column {} does not agree with the header", column));
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
        "SELECT " SANDBASE_SEGMENT_COLUMNS " FROM segments WHERE session=?1 ORDER BY first_seq", key());
    segment_loader loader{db_};
    while (rows.next()) log_.take_segment(*loader.load(rows.row()));
    log_.end_segments(load_sealed_end(db_, key())->head);
  }

  void check_journal(std::span<const row_run> runs) {
    for (const auto& run : runs) {
      auto rows = db_.query(
          "SELECT seq, author, head, proof, json FROM journal WHERE id>=?1 AND id<?2 AND session=?3 AND "
          "seq>?4 "
          "ORDER BY id",
          run.first, run.first + run.count, key(), log_.row().sealed_seq);
      while (rows.next())
        log_.take_unsealed(static_cast<seq_t>(rows->integer(0)), {std::string{rows->bytes(4)}, rows->hash(2),
                                                                  rows->integer(1), proof_in(rows.row(), 3)});
    }
  }

  std::map<std::string, seq_t, std::less<>> noted(const std::vector<std::string_view>& ids) {
    std::map<std::string, seq_t, std::less<>> found;
    for (const auto id : ids) {
      auto rows = db_.query("SELECT seq FROM foreign_ids WHERE session=?1 AND id=?2", key(), id);
      if (rows.next()) found.emplace(id, static_cast<seq_t>(rows->integer(0)));
    }
    return found;
  }
  std::int64_t count_noted() {
    auto rows = db_.query("SELECT count(*) FROM foreign_ids WHERE session=?1", key());
    rows.next();
    return rows->integer(0);
  }

  connection& db_;
  log_check log_;
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
