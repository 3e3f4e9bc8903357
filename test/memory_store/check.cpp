// SPDX-License-Identifier: Apache-2.0
#include "test/memory_store/check.hpp"

#include "events/event/stored_event.hpp"
#include "events/json/json_text.hpp"
#include "events/session/log_fold.hpp"
#include "test/memory_store/rows.hpp"

#include <fmt/core.h>

namespace sandbase::memory {

namespace {

using problem_fn = std::function<void(const std::string&)>;

/// Walks one log; behind a broken place it is not judged.
class log_check {
 public:
  log_check(const tables& rows, const session_row& row, const problem_fn& problem)
      : rows_(rows), row_(row), problem_(problem) {}

  /// @returns how many events it has read
  std::int64_t run() {
    compare_header();
    if (take_segments() && take_journal()) compare_end();
    return static_cast<std::int64_t>(last());
  }

 private:
  template <class... Words>
  bool tell(const Words&... words) const {
    std::string what;
    ((what += fmt::format("{}", words)), ...);
    problem_(fmt::format("session {} ({}): {}", row_.header.definition->id, row_.key, what));
    return false;
  }
  seq_t last() const { return fold_.last_seq(); }

  bool take_segments() {
    for (auto i = rows_.segments.lower_bound({row_.key, 0});
         i != rows_.segments.end() && i->first.first == row_.key; ++i) {
      const auto& block = *i->second;
      if (i->first.second != last() + 1 || block.first_seq() != last() + 1)
        return tell("a segment begins at event ", block.first_seq(), " behind event ", last());
      for (auto seq = block.first_seq(); seq <= block.last_seq(); ++seq)
        if (!take(block.json(seq), block.proof(seq), block.id(seq))) return false;
      if (block.head() != fold_.head())
        return tell("the segment up to event ", last(), " does not fit the hash chain");
    }
    if (row_.sealed_seq == last()) return true;
    return tell("its row says that ", row_.sealed_seq, " events are sealed, but ", last(), " are");
  }

  bool take_journal() {
    for (auto i = rows_.journal.lower_bound({row_.key, 0});
         i != rows_.journal.end() && i->first.first == row_.key; ++i) {
      const auto& event = i->second.event;
      if (i->first.second != last() + 1)
        return tell("the journal has event ", i->first.second, " behind event ", last());
      const auto arrival = rows_.arrivals.find(i->second.arrival);
      if (arrival == rows_.arrivals.end() || arrival->second.session != row_.key ||
          arrival->second.seq != i->first.second)
        return tell("event ", i->first.second, " of the journal has not arrived");
      if (!take(event.json, event.proof, {})) return false;
      if (event.head != fold_.head())
        return tell("event ", last(), " in the journal does not fit the hash chain");
    }
    return true;
  }

  /// `marked`: the id that its segment tells; empty: it stands in none.
  bool take(std::string_view json, const event_proof& proof, std::string_view marked) {
    const auto seq = last() + 1;
    if (const auto valid = json::validate(json); !valid)
      return tell("event ", seq, ": ", valid.error().message);
    const auto event = read_stored_event(json);
    if (!event) return tell("event ", seq, ": ", event.error().message);
    if (!marked.empty() && event->id != marked)
      tell("event ", seq, " is marked with another id than its own");
    if (event->time.ms < fold_.progress().tip.last_time.ms)
      tell("event ", seq, " is earlier than the one before it");
    const auto noted = rows_.foreign_ids.find({row_.key, std::string{event->id}});
    if (noted != rows_.foreign_ids.end() && noted->second == seq)
      ++noted_ids_;
    else if (told_place(event->id) != seq)
      tell("event ", seq, " cannot be found by its id ", event->id);
    if (const auto taken = fold_.take(seq, json, proof); !taken) return tell(taken.error().message);
    compare_header();
    return true;
  }

  /// Where the header was written it is the fold up to there.
  void compare_header() const {
    const auto& header = row_.header.progress;
    if (header.tip.last_seq != last()) return;
    auto folded = fold_.progress();
    // Changes of the definition move the time too, and who appended is not in the log.
    folded.tip.updated_at = header.tip.updated_at;
    folded.recent_appends = header.recent_appends;
    // Nor is what was taken over of payloads that are erased now.
    const auto& lacks = fold_.untold();
    if (lacks.usage) folded.tip.usage = header.tip.usage;
    if (lacks.details) folded.details = header.details;
    if (lacks.pending) folded.pending = header.pending;
    if (lacks.outcomes) folded.outcomes = header.outcomes;
    if (folded != header) tell("the header as of event ", last(), " does not agree with the log");
  }

  void compare_end() const {
    if (row_.header.progress.tip.last_seq > last())
      tell("the log ends at event ", last(), ", but the header knows event ",
           row_.header.progress.tip.last_seq);
    const auto tip = rows_.tips.find(row_.key);
    if (tip == rows_.tips.end() || tip->second.end.last_seq != last() || tip->second.end.head != fold_.head())
      tell("its tip is not the end of its log, event ", last());
    std::int64_t ids = 0;
    for (auto i = rows_.foreign_ids.lower_bound({row_.key, {}});
         i != rows_.foreign_ids.end() && i->first.first == row_.key; ++i)
      ++ids;
    if (ids != noted_ids_) tell(ids - noted_ids_, " noted ids belong to no event of the log");
  }

  const tables& rows_;
  const session_row& row_;
  const problem_fn& problem_;
  log_fold fold_;
  std::int64_t noted_ids_ = 0;
};

/// What no session accounts for, nor (`hidden`) one that is staged or was deleted and is not swept yet.
void check_rest(const tables& rows, const problem_fn& problem) {
  const auto expect_owner = [&](session_key session, bool hidden, std::string_view what) {
    if (!rows.sessions.contains(session) &&
        !(hidden && (rows.tombstones.contains(session) || rows.staged.contains(session))))
      problem(fmt::format("{} of session {}, which is not there", what, session));
  };
  for (const auto& [key, row] : rows.tips) expect_owner(key, false, "a tip");
  for (const auto& [key, row] : rows.journal) expect_owner(key.first, false, "an unsealed event");
  for (const auto& [key, row] : rows.segments) expect_owner(key.first, true, "a segment");
  for (const auto& [key, row] : rows.foreign_ids) expect_owner(key.first, true, "a noted id");
  std::int64_t bytes = 0;
  for (const auto& [key, row] : rows.journal) bytes += static_cast<std::int64_t>(row.event.json.size());
  if (bytes != rows.count.unsealed_bytes || rows.arrivals.size() != rows.journal.size())
    problem("the sums of the journal are wrong");
  for (const auto& [key, row] : rows.sessions) {
    const auto id = rows.session_ids.find({row->workspace, row->header.definition->id});
    if (id == rows.session_ids.end() || id->second != key)
      problem(fmt::format("session {} cannot be found by its id", key));
    if (!rows.workspaces.contains(row->workspace)) problem(fmt::format("session {} is in no workspace", key));
  }
  if (rows.session_ids.size() != rows.sessions.size()) problem("ids belong to no session");
}

}  // namespace

store_admin::check_report check_store(const tables& rows, const problem_fn& problem) {
  store_admin::check_report report;
  const problem_fn tell = [&](const std::string& what) {
    ++report.problems;
    problem(what);
  };
  for (const auto& [key, row] : rows.sessions) {
    ++report.sessions;
    report.events += log_check{rows, *row, tell}.run();
  }
  check_rest(rows, tell);
  return report;
}

}  // namespace sandbase::memory
