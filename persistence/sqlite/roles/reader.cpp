// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/roles/reader.hpp"

#include "persistence/sqlite/tables/idempotency_table.hpp"
#include "persistence/sqlite/tables/journal_requests.hpp"
#include "persistence/sqlite/tables/key_table.hpp"
#include "persistence/sqlite/tables/schema.hpp"
#include "persistence/sqlite/tables/segment_table.hpp"
#include "persistence/sqlite/tables/session_table.hpp"

#include <fmt/core.h>

namespace sandbase::sqlite {

namespace {

std::optional<session_key> find_key_of(connection& db, workspace_key workspace, std::string_view id) {
  auto rows = db.query("SELECT key FROM sessions WHERE workspace=?1 AND id=?2", workspace, id);
  if (!rows.next()) return std::nullopt;
  return rows->integer(0);
}

/// Of a session whose row is not there. Throws `corrupt` if only the row is lost: nobody must be told that
/// the session never was.
void expect_gone(connection& db, session_key key, workspace_key workspace, std::string_view id) {
  if (find_key_of(db, workspace, id) == key)
    throw error(errc::corrupt, fmt::format("session {} is in an index but not in its table", id));
}

/// What is left of a deleted session looks like a gap.
void expect_there(connection& db, session_key session) {
  if (!load_sealed_end(db, session)) throw error(errc::not_found, "no such session");
}

/// Of all rows; for who has no ledger.
std::vector<row_run> find_runs(connection& db, session_key session) {
  std::vector<row_run> runs;
  auto rows = db.query("SELECT min(id), max(id) FROM journal WHERE session=?1", session);
  if (rows.next() && !rows->is_null(0))
    runs.push_back({rows->integer(0), rows->integer(1) - rows->integer(0) + 1, 0, 0});
  return runs;
}

std::optional<seq_t> find_foreign_id(connection& db, session_key session, std::string_view id) {
  auto rows = db.query("SELECT seq FROM foreign_ids WHERE session=?1 AND id=?2", session, id);
  if (!rows.next()) return std::nullopt;
  return static_cast<seq_t>(rows->integer(0));
}

/// Whether the sealed event at `seq` has this id. Throws `corrupt` if it should be sealed but is not there.
bool shows_id(connection& db, session_key session, seq_t seq, std::string_view id) {
  const auto block = load_segment_with(db, session, seq);
  if (block == nullptr) throw error(errc::corrupt, "a sealed event is missing");
  return block->id(seq) == id;
}

std::optional<seq_t> find_place(connection& db, session_key session, std::string_view id) {
  const snapshot view{db};
  const auto sealed = load_sealed_end(db, session);
  if (!sealed) return std::nullopt;
  if (const auto told = told_place(id);
      told && *told >= 1 && *told <= sealed->seq && shows_id(db, session, *told, id))
    return told;
  const auto noted = find_foreign_id(db, session, id);
  // What is not yet sealed was noted in the transaction that wrote the event.
  if (noted && *noted <= sealed->seq && !shows_id(db, session, *noted, id)) return std::nullopt;
  return noted;
}

class reader final : public event_reader {
 public:
  reader(const std::string& path, std::shared_ptr<const ledger> known)
      : db_(path, {side::reading, 2 * 1024, false}), ledger_(std::move(known)) {
    expect_current(db_, path);
  }

  result<std::optional<log_end>> find_session(workspace_key workspace, std::string_view id) override {
    return attempt([&]() -> std::optional<log_end> {
      const auto key = find_key_of(db_, workspace, id);
      if (!key) return std::nullopt;
      auto end = load_end(*key);
      if (!end) expect_gone(db_, *key, workspace, id);
      return end;
    });
  }
  result<std::optional<log_end>> find_session(session_key session) override {
    return attempt([&] { return load_end(session); });
  }

  result<session_page> list_sessions(const session_query& query,
                                     const std::function<bool()>& enough) override {
    return attempt([&] {
      auto page = sqlite::list_sessions(db_, query, enough);
      if (ledger_) page.rows = bring_up_to_date(std::move(page.rows));
      return page;
    });
  }

  void forget_erased() override {
    const auto erased = ledger_ ? ledger_->payloads_erased() : seen_;
    if (std::exchange(seen_, erased) != erased) db_.forget_pages();
  }

  result<log_slice> read(session_key session, seq_t after, seq_t up_to, std::size_t max_bytes) override {
    return attempt([&] {
      auto slice = read_segments(db_, session, after, up_to, max_bytes, &held_);
      if (slice.empty() && after < up_to) expect_there(db_, session);
      return slice;
    });
  }

  result<log_slice> read_back(session_key session, seq_t from, seq_t before, std::size_t max_bytes) override {
    return attempt([&] {
      auto slice = read_segments_back(db_, session, from, before, max_bytes, &held_);
      if (slice.empty() && from < before) expect_there(db_, session);
      return slice;
    });
  }

  result<search_result> search(session_key session, const search_range& range, const event_selection& what,
                               const std::function<bool()>& enough) override {
    return attempt([&] {
      auto found = search_segments(db_, session, range, what, enough);
      if (found.reached == (range.backwards ? range.up_to : range.after) && !found.found && !found.through)
        expect_there(db_, session);
      return found;
    });
  }

  result<std::optional<seq_t>> find_event(session_key session, std::string_view id) override {
    return attempt([&] { return find_place(db_, session, id); });
  }

  result<std::optional<deletion_record>> find_deletion(workspace_key workspace,
                                                       std::string_view id) override {
    return attempt([&] { return sqlite::find_deletion(db_, workspace, id); });
  }

  result<std::optional<idempotency_record>> find_idempotency(workspace_key workspace, session_key session,
                                                             std::string_view key) override {
    return attempt([&]() -> std::optional<idempotency_record> {
      // The ledger first: what is sealed meanwhile is in the table by then.
      const auto rows =
          ledger_ ? ledger_->find_requests(session, hash_of_key(key)) : std::vector<journal_row>{};
      const snapshot view{db_};
      if (auto unsealed = ledger_ ? find_request_in(db_, rows, workspace, session, key)
                                  : find_request_in_journal(db_, workspace, session, key))
        return unsealed;
      auto kept = find_request(db_, workspace, session, key);
      if (!kept) return std::nullopt;
      return std::move(kept->record);
    });
  }

  result<std::optional<api_key>> find_key(const digest& hash) override {
    return attempt([&] { return find_api_key(db_, hash); });
  }
  result<std::optional<api_key>> find_key(api_key_id id) override {
    return attempt([&] { return find_api_key(db_, id); });
  }

 private:
  /// Empty if the row is not there.
  std::optional<log_end> load_end(session_key key) {
    for (int attempts = 0; attempts < max_attempts; ++attempts) {
      // The ledger first: what is read afterwards is at least as young, so that no row which it tells of is
      // missing.
      const auto runs = runs_of(key);
      const snapshot view{db_};
      auto row = load_session(db_, key);
      if (!row) return std::nullopt;
      auto unsealed = read_unsealed(db_, key, runs ? *runs : find_runs(db_, key));
      log_end end{*std::move(row), 0, std::move(unsealed)};
      if (end.row.sealed_seq + end.unsealed.size() >= end.row.header.progress.tip.last_seq) return end;
      // A commit came between the two: the row tells of events of which the ledger does not tell yet.
    }
    throw error(errc::unavailable, "the session is too busy to be read, try again");
  }

  static constexpr int max_attempts = 8;

  /// Empty: there is no ledger.
  std::optional<std::vector<row_run>> runs_of(session_key session) const {
    if (!ledger_) return std::nullopt;
    if (const auto what = ledger_->damage_of(session)) throw error(errc::corrupt, *what);
    auto end = ledger_->find(session);
    return end ? std::move(end->runs) : std::vector<row_run>{};
  }

  /// The rows with what the ledger knows beyond them, without those that are gone.
  std::vector<session_row> bring_up_to_date(std::vector<session_row> rows) {
    std::vector<std::optional<log_tip>> tips;
    for (const auto& row : rows) tips.push_back(ledger_->find_tip(row.key));
    // Rows that have moved on since they were read: what the ledger no longer holds was sealed by then; an
    // event that it knows of may have changed the status. Read now, they are at least as young as what it
    // told.
    const snapshot view{db_};
    std::vector<session_row> current;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      auto& row = rows[i];
      if (!tips[i] || tips[i]->last_seq > row.header.progress.tip.last_seq) {
        auto fresh = load_session(db_, row.key);
        if (!fresh) continue;  // deleted meanwhile
        row = *std::move(fresh);
      }
      if (tips[i] && tips[i]->last_seq > row.header.progress.tip.last_seq) row.header.progress.tip = *tips[i];
      current.push_back(std::move(row));
    }
    return current;
  }

  connection db_;
  held_blocks held_;
  const std::shared_ptr<const ledger> ledger_;
  /// Of its count of erased payloads.
  std::uint64_t seen_ = 0;
};

}  // namespace

result<std::unique_ptr<event_reader>> open_reader(const std::string& path,
                                                  std::shared_ptr<const ledger> known) {
  return attempt(
      [&]() -> std::unique_ptr<event_reader> { return std::make_unique<reader>(path, std::move(known)); });
}

}  // namespace sandbase::sqlite
