// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/roles/writer.hpp"

#include "persistence/postgres/roles/claiming.hpp"
#include "persistence/postgres/roles/committing.hpp"
#include "persistence/postgres/roles/erasing.hpp"
#include "persistence/postgres/roles/housekeeping.hpp"
#include "persistence/postgres/tables/key_table.hpp"
#include "persistence/postgres/tables/schema.hpp"

#include <atomic>
#include <fmt/core.h>

namespace sandbase::postgres {

namespace {

// Of what is marked as another process's, or is gone, nothing is this one's any more.
const statement find_sealed{
    "find_sealed",
    "SELECT a, CASE WHEN " SANDBASE_NODE_OF("t.writer") " IN (0, $3::bigint) THEN t.sealed_seq "
    "ELSE $2::bigint END FROM unnest($1::bigint[]) AS a LEFT JOIN tips t ON t.session = a"};

/// Sessions that are looked after in one round.
constexpr std::size_t max_looks = 1'000;

class writer final : public event_store {
 public:
  writer(const conninfo& where, std::shared_ptr<writer_group> group, std::size_t lane)
      : group_(std::move(group)),
        lane_(lane),
        db_(where, writer_purpose),
        vacuum_db_(where, "vacuum"),
        house_(db_, *group_) {
    migrate(db_, group_->known());
    group_->presence.join(db_);
  }
  writer(const writer&) = delete;
  writer& operator=(const writer&) = delete;
  ~writer() override { group_->presence.leave(db_); }

  result<std::vector<op_outcome>> commit(std::span<const store_op> ops) override {
    if (auto may = group_->presence.may_write(); !may) return std::move(may).error();
    committing all{db_, state_, mark(), ops};
    auto outcomes = all.run();
    for (const auto session : all.small()) group_->note_small(session);
    for (const auto& [session, what] : all.damaged()) group_->set_aside(session, what);
    group_->dead_rows += all.sealed_events();
    if (all.has_erased()) group_->wants_vacuum = true;
    return outcomes;
  }

  result<claimed_session> claim(session_key session) override {
    if (auto fits = expect_claim(session); !fits) return fits.error();
    auto claimed = attempt([&] {
      return unwrap(std::move(claim_sessions(db_, {{session, mark()}}).front()));
    });
    adopt(session, claimed);
    return claimed;
  }

  result<void> expect_claim(session_key session) override {
    if (auto may = group_->presence.may_write(); !may) return may;
    if (auto why = group_->why_set_aside(session); !why.empty()) return {errc::corrupt, std::move(why)};
    ++awaited_[session];
    return {};
  }

  void adopt(session_key session, const result<claimed_session>& claimed) override {
    if (const auto a = awaited_.find(session); a != awaited_.end() && --a->second == 0) awaited_.erase(a);
    if (!claimed) {
      adrift_.insert(session);  // it may have been claimed all the same
      return;
    }
    const auto sealed = claimed->log.row.sealed_seq;
    const auto& events = claimed->log.unsealed;
    state_.unsealed.claimed(session, sealed, sealed + events.size(), bytes_of(events));
    state_.held[session] = claimed->epoch;
    adrift_.erase(session);
  }

  void release(session_key session, epoch_t epoch) override {
    if (state_.holds(session, epoch)) state_.unsealed.released(session);
    state_.cut(session, epoch);
    if (!state_.held.contains(session)) adrift_.insert(session);
  }

  std::vector<session_key> wants_sealed(std::chrono::steady_clock::time_point now) override {
    return state_.unsealed.ask(now, [this](session_key session) { return is_mine(session); });
  }

  result<bool> housekeep(const house_budget& budget) override {
    return attempt([&] {
      group_->presence.tell(db_);
      let_adrift_go();
      const bool more = lane_ == 0 && house_.run(budget, adrift_);
      for (const auto session : group_->all_set_aside()) state_.unsealed.forget(session);
      look_after_others();
      return more;
    });
  }

  /// The room of what was sealed is used again, and what was erased overwritten, only behind a vacuum. The
  /// server's own comes once a minute, when the journal's table may have grown by gigabytes.
  result<void> checkpoint() override {
    return attempt([&] {
      const auto dead = group_->dead_rows.exchange(0);
      const bool erased = group_->wants_vacuum.exchange(false);
      try {
        if (dead > 0) vacuum_journal(vacuum_db_);
        if (erased && !vacuum_erased(vacuum_db_)) group_->wants_vacuum = true;
        vacuum_db_.close();  // with its settings
      } catch (...) {
        group_->dead_rows += dead;
        if (erased) group_->wants_vacuum = true;
        put_vacuum_off();
        throw;
      }
      if (group_->wants_vacuum) put_vacuum_off();
    });
  }
  /// Of what all writers of the process have done, to the first.
  bool wants_checkpoint(bool idle) override {
    constexpr std::int64_t many = 20'000;
    constexpr std::int64_t some = 1'000;
    return lane_ == 0 && std::chrono::steady_clock::now() >= vacuum_from_.load() &&
           (group_->wants_vacuum || group_->dead_rows >= (idle ? some : many));
  }

  result<void> finish_checkpoint() override { return {}; }

  std::vector<failure> take_damage() override { return group_->take_damage(); }

  unsealed_report unsealed() const override {
    const auto [sessions, bytes, is_pressed] = state_.unsealed.all();
    return {sessions, bytes, is_pressed, group_->all_set_aside().size(), false};
  }

  result<workspace_key> workspace(std::string_view name, bool create) override {
    return attempt([&] { return create ? make_workspace(db_, name) : find_workspace(db_, name); });
  }
  result<std::string> secret(std::string_view name) override {
    return attempt([&] { return find_or_make_secret(db_, name); });
  }

 private:
  std::int64_t mark() const { return group_->mark_of(lane_); }
  bool is_mine(session_key session) const { return lane_of(session, group_->lanes()) == lane_; }
  /// Whoever claims for this writer may have marked it as written here, though that is not known yet.
  bool is_written(session_key session) const {
    return state_.held.contains(session) || awaited_.contains(session);
  }

  /// Nobody writes what is this writer's in the database and not here: a claim whose answer was lost, a
  /// session's actor that went or failed. What another writer of the process has is not marked so.
  void let_adrift_go() {
    auto keys = integers();
    for (const auto session : adrift_)
      if (!is_written(session)) keys.add(session);
    if (keys.size() > 0) release_sessions(db_, keys, mark());
    adrift_.clear();
  }

  /// What this process appended but does not write any more others seal, or write on. Some at a time, once a
  /// second.
  void look_after_others() {
    const auto now = std::chrono::steady_clock::now();
    if (now < look_from_) return;
    look_from_ = now + std::chrono::seconds{1};
    auto keys = integers();
    const auto& account = state_.unsealed;
    for (const auto session : account.behind(looked_at_, max_looks * group_->lanes())) {
      looked_at_ = session;
      if (is_mine(session) && !is_written(session)) keys.add(session);
    }
    if (account.behind(looked_at_, 1).empty()) looked_at_ = 0;
    if (keys.size() == 0) return;
    release_sessions(db_, keys, mark());
    const auto found = db_.run(find_sealed, parameters{keys, max_told_seq, group_->presence.id()});
    for (int i = 0; i < found.count(); ++i) state_.unsealed.sealed(found.integer(i, 0), found.number(i, 1));
  }

  void put_vacuum_off() { vacuum_from_ = std::chrono::steady_clock::now() + std::chrono::seconds{10}; }

  const std::shared_ptr<writer_group> group_;
  const std::size_t lane_;
  connection db_;
  connection vacuum_db_;
  writer_state state_{{}, group_->unsealed};
  housekeeping house_;
  /// May be this writer's in the database, though nobody writes them here.
  std::set<session_key> adrift_;
  /// Claims that are under way elsewhere for this writer.
  std::map<session_key, int> awaited_;
  std::chrono::steady_clock::time_point look_from_{};
  /// Sessions of the account up to here were looked at in this turn.
  session_key looked_at_ = 0;
  std::atomic<std::chrono::steady_clock::time_point> vacuum_from_{};
};

}  // namespace

result<std::unique_ptr<event_store>> open_writer(const conninfo& where, std::shared_ptr<writer_group> group,
                                                 std::size_t lane) {
  return attempt([&]() -> std::unique_ptr<event_store> {
    return std::make_unique<writer>(where, std::move(group), lane);
  });
}

}  // namespace sandbase::postgres
