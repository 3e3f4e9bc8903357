// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/tables/journal_table.hpp"

#include "events/event/stored_event.hpp"
#include "persistence/sentence.hpp"
#include "persistence/sqlite/tables/session_table.hpp"

#include <unordered_map>

namespace sandbase::sqlite {

namespace {

/// Follows one session through the journal's rows.
struct walk {
  seq_t last = 0;
  digest head{};

  /// Takes the next row in. @returns what is wrong with it; empty if nothing is
  std::string follow(seq_t seq, std::string_view json, const digest& stored_head) {
    if (seq != last + 1) return sentence("event ", seq, " stands behind event ", last);
    if (next_head(head, json) != stored_head) return sentence("event ", seq, " does not fit the hash chain");
    last = seq;
    head = stored_head;
    return {};
  }
};

struct scanned {
  bool exists = false;
  bool damaged = false;
  /// First at the end of the segments.
  walk at;
  /// In journal_scan::sessions, as soon as there is a live row.
  std::optional<std::size_t> index;
};

void count_row(std::vector<row_run>& runs, journal_row row, std::int64_t bytes, std::int64_t place) {
  if (runs.empty() || runs.back().first + runs.back().count != row) runs.push_back({row, 0, 0, place});
  ++runs.back().count;
  runs.back().bytes += bytes;
}

/// Applies an event to a progress that ends just before it. @returns what
/// is wrong with it; empty if nothing is
std::string fold(session_progress& progress, seq_t seq, std::string_view json, const digest& head) {
  if (seq < progress.tip.last_seq) return {};
  if (seq == progress.tip.last_seq)
    return head == progress.tip.head ? "" : sentence("event ", seq, " is not the header's");
  const auto event = read_stored_event(json);
  if (!event) return sentence("event ", seq, ": ", event.error().message);
  progress.apply(facts_of(json), seq, event->id, event->time, head);
  return {};
}

class scanner {
 public:
  explicit scanner(connection& db) : db_(db) {}

  journal_scan run() {
    auto rows = db_.query("SELECT id, session, seq, head, json FROM journal ORDER BY id");
    while (rows.next()) take(rows.row());
    std::erase_if(result_.sessions,
                  [&](const unsealed_log& r) { return r.runs.empty() || found_.at(r.row.key).damaged; });
    return std::move(result_);
  }

 private:
  void take(const statement& row) {
    const auto json = row.bytes(4);
    const auto bytes = static_cast<std::int64_t>(json.size());
    const auto place = result_.bytes;
    result_.bytes += bytes;
    const auto key = row.integer(1);
    auto& s = session_of(key);
    const auto seq = static_cast<seq_t>(row.integer(2));
    // What is at or before the walk's start is sealed. Headers are only
    // loaded for what is not: there may be few of them.
    if (!s.exists || s.damaged || (!s.index && seq <= s.at.last)) return;
    if (!s.index && !load(key, s)) return;
    auto& ledger = result_.sessions[*s.index];
    if (seq <= ledger.row.sealed_seq) return;
    const auto head = row.hash(3);
    auto wrong = s.at.follow(seq, json, head);
    if (wrong.empty()) wrong = fold(ledger.progress, seq, json, head);
    if (!wrong.empty())
      return damage(s, key, ledger.runs.empty() ? row.integer(0) : ledger.runs.front().first,
                    std::move(wrong));
    count_row(ledger.runs, row.integer(0), bytes, place);
  }

  scanned& session_of(session_key key) {
    const auto [it, is_new] = found_.try_emplace(key);
    auto& s = it->second;
    if (is_new)
      unless_corrupt(key, s, [&] {
        const auto sealed = load_sealed_end(db_, key);
        if (!sealed) return;
        s.exists = true;
        s.at = {sealed->seq, sealed->head};
      });
    return s;
  }

  /// @returns whether the session's header could be read
  bool load(session_key key, scanned& s) {
    unless_corrupt(key, s, [&] {
      unsealed_log ledger;
      ledger.row = load_session(db_, key).value();
      ledger.progress = ledger.row.header.progress;
      s.index = result_.sessions.size();
      result_.sessions.push_back(std::move(ledger));
    });
    return s.index.has_value();
  }

  template <class F>
  void unless_corrupt(session_key key, scanned& s, F&& f) {
    try {
      f();
    } catch (const error& e) {
      if (e.as_failure().code != errc::corrupt) throw;
      damage(s, key, 1, e.what());  // where its rows begin cannot be told: all are kept
    }
  }

  void damage(scanned& s, session_key key, journal_row first_row, std::string_view what) {
    s.damaged = true;
    result_.damaged.push_back({key, first_row, sentence("session ", key, " in the journal: ", what)});
  }

  connection& db_;
  std::unordered_map<session_key, scanned> found_;
  journal_scan result_;
};

walk sealed_walk(connection& db, session_key session) {
  const auto end = load_sealed_end(db, session);
  if (!end) throw error(errc::not_found, sentence("there is no session ", session));
  return {end->seq, end->head};
}

void follow_or_throw(walk& at, session_key session, seq_t seq, std::string_view json, const digest& head) {
  const auto wrong = at.follow(seq, json, head);
  if (!wrong.empty()) throw error(errc::corrupt, sentence("session ", session, " in the journal: ", wrong));
}

}  // namespace

void insert_journal_event(connection& db, journal_row row, session_key session, seq_t seq,
                          const journal_event& event) {
  db.run("INSERT INTO journal(id, session, seq, author, head, json) VALUES(?1, ?2, ?3, ?4, ?5, ?6)", row,
         session, seq, event.author, event.head, blob{event.json.view()});
}

journal_row next_journal_row(connection& db) {
  auto rows = db.query("SELECT coalesce(max(id), 0) + 1 FROM journal");
  rows.next();
  return rows->integer(0);
}

journal_scan scan_journal(connection& db) { return scanner{db}.run(); }

std::vector<journal_event> read_unsealed(connection& db, session_key session, std::span<const row_run> runs) {
  auto at = sealed_walk(db, session);
  std::vector<journal_event> events;
  for (const auto& run : runs) {
    auto rows = db.query(
        "SELECT seq, author, head, json FROM journal WHERE id>=?1 AND id<?2 AND session=?3 AND seq>?4 ORDER "
        "BY id",
        run.first, run.first + run.count, session, at.last);
    while (rows.next()) {
      journal_event event{{std::string{rows->bytes(3)}}, rows->hash(2), rows->integer(1)};
      follow_or_throw(at, session, static_cast<seq_t>(rows->integer(0)), event.json, event.head);
      events.push_back(std::move(event));
    }
  }
  return events;
}

log_block_ptr read_unsealed_block(connection& db, session_key session, seq_t after, std::size_t max_bytes) {
  auto at = sealed_walk(db, session);
  auto rows = db.query("SELECT seq, head, json FROM journal WHERE session=?1 AND seq>?2 ORDER BY id", session,
                       at.last);
  std::optional<log_block_builder> builder;
  while (rows.next() && (!builder || builder->bytes() < max_bytes)) {
    const auto seq = static_cast<seq_t>(rows->integer(0));
    const auto json = rows->bytes(2);
    const auto before = at.head;
    follow_or_throw(at, session, seq, json, rows->hash(1));
    if (seq <= after) continue;
    const auto event = read_stored_event(json);
    if (!event) throw error(event.error());
    if (!builder) builder.emplace(seq, before);
    builder->add(event->type, event->id, event->time.ms, json);
  }
  return builder ? builder->finish() : nullptr;
}

}  // namespace sandbase::sqlite
