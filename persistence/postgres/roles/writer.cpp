// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/roles/writer.hpp"

#include "persistence/postgres/roles/claiming.hpp"
#include "persistence/postgres/roles/commit_stage.hpp"
#include "persistence/postgres/roles/erasing.hpp"
#include "persistence/postgres/roles/housekeeping.hpp"
#include "persistence/postgres/roles/node_presence.hpp"
#include "persistence/postgres/roles/staging.hpp"
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
      : db_(where, "writer"),
        vacuum_db_(where, "vacuum"),
        state_(max_unsealed),
        presence_(migrated(db_)),
        house_(db_, presence_.id()) {}

  result<std::vector<op_outcome>> commit(std::span<const store_op> ops) override {
    std::vector<op_outcome> outcomes(ops.size());
    std::set<session_key> failed;
    for (std::size_t next = 0; next < ops.size();) {
      const bool is_first = next == 0;
      commit_stage stage{state_, failed, outcomes};
      auto end = next;
      while (end < ops.size() && stage.add(ops[end], end)) ++end;
      auto done = attempt_stage(stage, outcomes);
      if (!done && concerns_operations(done.error().code)) {
        commit_singly(ops, next, end, failed, outcomes);
        next = end;
        continue;
      }
      if (!done && is_first) {
        for (const auto& op : ops) not_stored(op);
        return std::move(done).error();
      }
      for (const auto place : stage.places())
        if (!done) fail(ops[place], outcomes[place], done.error());
      for (auto i = end; !done && i < ops.size(); ++i)
        fail(ops[i], outcomes[i], {errc::unavailable, done.error().message});
      if (!done) break;
      for (const auto session : stage.small()) house_.note_small(session);
      dead_rows_ += stage.sealed_events();
      for (auto i = next; i < end; ++i)
        if (const auto* append = std::get_if<append_op>(&ops[i]);
            append != nullptr && outcomes[i].error.code != errc::none)
          failed.insert(append->session);
      next = end;
    }
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

  /// Several times where others were in the way. What may have been stored is `unknown_outcome`.
  result<void> attempt_stage(commit_stage& stage, std::vector<op_outcome>& outcomes) {
    return attempt([&] {
      constexpr int max_attempts = 3;
      for (int attempts = 1;; ++attempts) {
        try {
          return stage.alone() != nullptr ? run_alone(*stage.alone(), outcomes[stage.place_of_alone()])
                                          : stage.run(db_);
        } catch (const lost_connection& e) {
          if (!e.was_sent()) throw;
          throw error(errc::unknown_outcome,
                      fmt::format("{}; what was under way may have been stored", e.what()));
        } catch (const error& e) {
          if ((!e.is_clash() && !e.is_duplicate()) || attempts == max_attempts) throw;
        } catch (const std::bad_alloc&) {
          throw error(errc::unknown_outcome, "out of memory; what was under way may have been stored");
        }
      }
    });
  }

  /// What an operation has met, and not the way to the database.
  static bool concerns_operations(errc code) {
    return code == errc::corrupt || code == errc::internal || code == errc::invalid;
  }

  /// Each by itself: those that are sound are stored.
  void commit_singly(std::span<const store_op> ops, std::size_t begin, std::size_t end,
                     std::set<session_key>& failed, std::vector<op_outcome>& outcomes) {
    for (auto i = begin; i < end; ++i) {
      if (outcomes[i].error.code != errc::none) continue;
      commit_stage one{state_, failed, outcomes};
      one.add(ops[i], i);
      if (outcomes[i].error.code != errc::none) continue;
      const auto done = attempt_stage(one, outcomes);
      dead_rows_ += one.sealed_events();
      if (!done) fail(ops[i], outcomes[i], done.error());
      if (const auto* append = std::get_if<append_op>(&ops[i]);
          append && outcomes[i].error.code != errc::none)
        failed.insert(append->session);
      // A seal that damage stops would fail for ever, and keep the journal's rows.
      if (const auto* seal = std::get_if<seal_op>(&ops[i]);
          seal && !done && done.error().code == errc::corrupt)
        house_.set_aside(seal->session, done.error().message);
    }
  }

  void run_alone(const store_op& op, op_outcome& to) {
    const stager by{db_, presence_.id()};
    if (const auto* append = std::get_if<append_op>(&op)) {
      to.error = append_and_erase(db_, *append);
      if (to.error.code != errc::none) return state_.cut(append->session, append->epoch);
      wants_vacuum_ = true;
      if (!append->events.empty())
        state_.unsealed.appended(append->session, append->tip.last_seq, bytes_of(append->events));
    } else if (const auto* staged = std::get_if<stage_op>(&op)) {
      to.error = stage(by, *staged, to);
    } else if (const auto* shown = std::get_if<publish_op>(&op)) {
      to.error = publish(by, *shown, to);
    } else if (const auto* dropped = std::get_if<unstage_op>(&op)) {
      to.error = unstage(by, *dropped);
    }
  }

  void fail(const store_op& op, op_outcome& to, const failure& why) {
    if (to.error.code == errc::none) to.error = why;
    not_stored(op);
  }
  /// In place of an append nothing of its writer's may land; a seal is asked for again.
  void not_stored(const store_op& op) {
    if (const auto* append = std::get_if<append_op>(&op))
      state_.cut(append->session, append->epoch);
    else if (const auto* seal = std::get_if<seal_op>(&op); seal && state_.holds(seal->session, seal->epoch))
      state_.unsealed.seal_failed(seal->session);
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
