// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/roles/writer.hpp"

#include "persistence/postgres/roles/claiming.hpp"
#include "persistence/postgres/roles/committing.hpp"
#include "persistence/postgres/roles/erasing.hpp"
#include "persistence/postgres/roles/housekeeping.hpp"
#include "persistence/postgres/roles/node_presence.hpp"
#include "persistence/postgres/tables/key_table.hpp"
#include "persistence/postgres/tables/schema.hpp"

#include <atomic>
#include <fmt/core.h>

namespace sandbase::postgres {

namespace {

const statement find_sealed{"find_sealed",
                            "SELECT a, CASE WHEN t.writer IN (0, $3::bigint) THEN t.sealed_seq "
                            "ELSE $2::bigint END FROM unnest($1::bigint[]) AS a LEFT JOIN tips t "
                            "ON t.session = a"};

/// Sessions that are looked after in one round.
constexpr std::size_t max_looks = 1'000;

class writer final : public event_store {
 public:
  writer(const conninfo& where, std::int64_t max_unsealed)
      : db_(where, writer_purpose),
        vacuum_db_(where, "vacuum"),
        state_(max_unsealed),
        presence_(migrated(db_)),
        house_(db_, presence_.id()) {}

  result<std::vector<op_outcome>> commit(std::span<const store_op> ops) override {
    committing all{db_, state_, presence_.id(), ops};
    auto outcomes = all.run();
    for (const auto session : all.small()) house_.note_small(session);
    for (const auto& [session, what] : all.damaged()) house_.set_aside(session, what);
    dead_rows_ += all.sealed_events();
    if (all.has_erased()) wants_vacuum_ = true;
    return outcomes;
  }

  result<claimed_session> claim(session_key session) override {
    return attempt([&] {
      if (const auto known = house_.damaged().find(session); known != house_.damaged().end())
        throw error(errc::corrupt, known->second);
      adrift_.insert(session);  // until the answer is here
      auto claimed = claim_session(db_, session, presence_.id());
      if (!claimed) throw error(errc::not_found, fmt::format("there is no session {}", session));
      auto& account = state_.unsealed;
      account.trim(session, claimed->log.row.sealed_seq);
      if (const auto& events = claimed->log.unsealed; !account.has(session) && !events.empty())
        account.appended(session, claimed->log.row.sealed_seq + events.size(), bytes_of(events));
      account.claimed(session);
      state_.held[session] = claimed->epoch;
      adrift_.erase(session);
      return *std::move(claimed);
    });
  }

  void release(session_key session, epoch_t epoch) override {
    if (state_.holds(session, epoch)) state_.unsealed.released(session);
    state_.cut(session, epoch);
    if (!state_.held.contains(session)) adrift_.insert(session);
  }

  std::vector<session_key> wants_sealed(std::chrono::steady_clock::time_point now) override {
    return state_.unsealed.ask(now);
  }

  result<bool> housekeep(const house_budget& budget) override {
    return attempt([&] {
      presence_.tell();
      let_adrift_go();
      const bool more = house_.run(budget, state_.unsealed.is_pressed(), adrift_);
      for (const auto& [session, what] : house_.damaged()) state_.unsealed.forget(session);
      look_after_others();
      return more;
    });
  }

  /// The room of what was sealed is used again, and what was erased overwritten, only behind a vacuum. The
  /// server's own comes once a minute, when the journal's table may have grown by gigabytes.
  result<void> checkpoint() override {
    return attempt([&] {
      const auto dead = dead_rows_.exchange(0);
      const bool erased = wants_vacuum_.exchange(false);
      try {
        if (dead > 0) vacuum_journal(vacuum_db_);
        if (erased && !vacuum_erased(vacuum_db_)) wants_vacuum_ = true;
        vacuum_db_.close();  // with its settings
      } catch (...) {
        dead_rows_ += dead;
        if (erased) wants_vacuum_ = true;
        put_vacuum_off();
        throw;
      }
      if (wants_vacuum_) put_vacuum_off();
    });
  }
  bool wants_checkpoint(bool idle) override {
    constexpr std::int64_t many = 20'000;
    constexpr std::int64_t some = 1'000;
    return std::chrono::steady_clock::now() >= vacuum_from_.load() &&
           (wants_vacuum_ || dead_rows_ >= (idle ? some : many));
  }

  result<void> finish_checkpoint() override { return {}; }

  std::vector<failure> take_damage() override {
    std::vector<failure> untold;
    for (const auto& [session, what] : house_.damaged())
      if (told_.insert(session).second) untold.push_back({errc::corrupt, what});
    return untold;
  }

  unsealed_report unsealed() const override {
    const auto& account = state_.unsealed;
    return {account.sessions(), account.bytes(), account.is_pressed(), house_.damaged().size(), false};
  }

  result<workspace_key> workspace(std::string_view name, bool create) override {
    return attempt([&] { return create ? make_workspace(db_, name) : find_workspace(db_, name); });
  }
  result<std::string> secret(std::string_view name) override {
    return attempt([&] { return find_or_make_secret(db_, name); });
  }

 private:
  static connection& migrated(connection& db) {
    migrate(db);
    return db;
  }

  /// Nobody writes what is this node's in the database and not here: a claim whose answer was lost, a writer
  /// that went or failed.
  void let_adrift_go() {
    auto keys = integers();
    for (const auto session : adrift_)
      if (!state_.held.contains(session)) keys.add(session);
    if (keys.size() > 0) release_sessions(db_, keys, presence_.id());
    adrift_.clear();
  }

  /// What this process appended but does not write any more others seal, or write on. Some at a time, once a
  /// second.
  void look_after_others() {
    const auto now = std::chrono::steady_clock::now();
    if (now < look_from_) return;
    look_from_ = now + std::chrono::seconds{1};
    auto keys = integers();
    for (const auto session : state_.unsealed.behind(looked_at_, max_looks)) {
      looked_at_ = session;
      if (!state_.held.contains(session)) keys.add(session);
    }
    if (state_.unsealed.behind(looked_at_, 1).empty()) looked_at_ = 0;
    if (keys.size() == 0) return;
    release_sessions(db_, keys, presence_.id());
    const auto found = db_.run(find_sealed, parameters{keys, max_told_seq, presence_.id()});
    for (int i = 0; i < found.count(); ++i) state_.unsealed.sealed(found.integer(i, 0), found.number(i, 1));
  }

  void put_vacuum_off() { vacuum_from_ = std::chrono::steady_clock::now() + std::chrono::seconds{10}; }

  connection db_;
  connection vacuum_db_;
  writer_state state_;
  node_presence presence_;
  housekeeping house_;
  /// May be this node's in the database, though nobody writes them here.
  std::set<session_key> adrift_;
  std::chrono::steady_clock::time_point look_from_{};
  /// Sessions of the account up to here were looked after in this turn.
  session_key looked_at_ = 0;
  /// Damaged sessions of which take_damage() has told.
  std::set<session_key> told_;
  std::atomic<bool> wants_vacuum_ = true;
  /// Of the journal, since the last vacuum.
  std::atomic<std::int64_t> dead_rows_ = 0;
  std::atomic<std::chrono::steady_clock::time_point> vacuum_from_{};
};

}  // namespace

result<std::unique_ptr<event_store>> open_writer(const conninfo& where, std::int64_t max_unsealed_bytes) {
  return attempt(
      [&]() -> std::unique_ptr<event_store> { return std::make_unique<writer>(where, max_unsealed_bytes); });
}

}  // namespace sandbase::postgres
