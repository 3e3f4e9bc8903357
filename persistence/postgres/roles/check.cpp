// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/roles/check.hpp"

#include "events/event/stored_event.hpp"
#include "persistence/postgres/roles/stray_check.hpp"
#include "persistence/postgres/tables/segment_table.hpp"
#include "persistence/postgres/tables/session_table.hpp"

#include <fmt/core.h>
#include <map>
#include <optional>

namespace sandbase::postgres {

namespace {

constexpr std::size_t slice_bytes = 4 * 1024 * 1024;

const statement begin_check{"begin_check", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"};
const statement find_columns{
    "check_columns",
    "SELECT s.id, s.created_at, s.agent_id, s.agent_version, s.status, s.archived_at, s.last_seq, "
    "t.last_seq, t.head, t.sealed_head FROM sessions s JOIN tips t ON t.session = s.key "
    "WHERE s.key = $1::bigint"};
const statement find_noted{
    "check_ids", "SELECT id, seq FROM foreign_ids WHERE session = $1::bigint AND id = ANY($2::bytea[])"};
const statement count_noted{"count_ids", "SELECT count(*) FROM foreign_ids WHERE session = $1::bigint"};
const statement walk_sessions{
    "check_sessions",
    "SELECT key FROM sessions WHERE key > $1::bigint AND workspace <> 0 ORDER BY key LIMIT 1000"};

/// One session, as of one moment.
class session_check {
 public:
  session_check(connection& db, log_end end, const problem_fn& problem)
      : db_(db),
        unsealed_(std::move(end.unsealed)),
        log_(
            std::move(end.row), [this](const auto& ids) { return noted(ids); }, problem) {}

  std::int64_t run() {
    try {
      const auto columns = db_.run(find_columns, parameters{key()});
      check_columns(columns);
      log_.begin();
      check_segments();
      log_.end_segments(columns.hash(0, 9));
      note_unsealed();
      for (const auto& event : unsealed_) log_.take_unsealed(log_.last_seq() + 1, event);
      const bool is_end = columns.number(0, 7) == log_.last_seq() &&
                          (log_.last_seq() == 0 || columns.hash(0, 8) == log_.head());
      if (!is_end) log_.tell(fmt::format("its tip is not the end of its log, event {}", log_.last_seq()));
      log_.end(db_.run(count_noted, parameters{key()}).integer(0, 0));
    } catch (const store_error& e) {
      if (e.as_failure().code != errc::corrupt) throw;
      log_.tell(e.what());
    }
    return static_cast<std::int64_t>(log_.last_seq());
  }

 private:
  using noted_map = std::map<std::string, seq_t, std::less<>>;

  session_key key() const { return log_.row().key; }

  /// The columns that lists are filtered by say what the header says.
  void check_columns(const rows& found) {
    const auto& d = *log_.row().header.definition;
    const auto& p = log_.row().header.progress;
    const auto expect = [&](bool same, std::string_view column) {
      if (!same) log_.tell(fmt::format("the column {} does not agree with the header", column));
    };
    expect(found.bytes(0, 0) == d.id, "id");
    expect(found.time(0, 1) == d.created_at, "created_at");
    expect(found.bytes(0, 2) == d.agent_id, "agent_id");
    expect(found.integer(0, 3) == d.agent_version, "agent_version");
    expect(found.integer(0, 4) == static_cast<int>(p.status), "status");
    expect(found.optional_time(0, 5) == d.archived_at, "archived_at");
    expect(found.number(0, 6) == p.tip.last_seq, "last_seq");
  }

  void check_segments() {
    held_blocks none;
    for (auto slice = read_segments(db_, key(), 0, max_told_seq, slice_bytes, none); !slice.empty();
         slice = read_segments(db_, key(), slice.last_seq(), max_told_seq, slice_bytes, none))
      for (const auto& span : slice.spans) log_.take_segment(*span.block);
  }

  /// Theirs are asked for one by one otherwise.
  void note_unsealed() {
    std::vector<std::string> ids;
    for (const auto& event : unsealed_)
      if (const auto stored = read_stored_event(event.json)) ids.emplace_back(stored->id);
    if (!ids.empty()) of_unsealed_ = noted({ids.begin(), ids.end()});
  }

  noted_map noted(const std::vector<std::string_view>& ids) {
    if (of_unsealed_) {
      noted_map some;
      for (const auto id : ids)
        if (const auto found = of_unsealed_->find(id); found != of_unsealed_->end()) some.insert(*found);
      return some;
    }
    auto asked = byte_strings();
    for (const auto id : ids) asked.add(id);
    const auto found = db_.run(find_noted, parameters{key(), asked});
    noted_map all;
    for (int i = 0; i < found.count(); ++i) all.emplace(found.text(i, 0), found.number(i, 1));
    return all;
  }

  connection& db_;
  const std::vector<journal_event> unsealed_;
  /// Set once all segments are checked.
  std::optional<noted_map> of_unsealed_;
  log_check log_;
};

std::int64_t check_session(connection& db, session_key session, const problem_fn& problem) {
  db.run(begin_check);
  std::int64_t events = 0;
  try {
    if (auto end = load_end(db, session)) events = session_check{db, *std::move(end), problem}.run();
  } catch (const store_error& e) {
    db.roll_back();
    if (e.as_failure().code != errc::corrupt) throw;
    problem(e.what());
    return 0;
  } catch (...) {
    db.roll_back();
    throw;
  }
  db.run(commit_statement);
  return events;
}

}  // namespace

store_admin::check_report check_store(connection& db, const problem_fn& problem) {
  store_admin::check_report report;
  const problem_fn tell = [&](const std::string& what) {
    ++report.problems;
    problem(what);
  };
  for (session_key last = 0;;) {
    const auto some = db.run(walk_sessions, parameters{last});
    if (some.empty()) break;
    for (int i = 0; i < some.count(); ++i) {
      last = some.integer(i, 0);
      ++report.sessions;
      report.events += check_session(db, last, tell);
    }
  }
  check_strays(db, tell);
  return report;
}

}  // namespace sandbase::postgres
