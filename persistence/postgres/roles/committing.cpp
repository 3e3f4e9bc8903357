// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/roles/committing.hpp"

#include "persistence/postgres/roles/erasing.hpp"
#include "persistence/postgres/roles/staging.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase::postgres {

namespace {

/// How long a commit may look for what is locked.
constexpr std::chrono::seconds lock_patience{5};

// The sessions of which somebody else's transaction holds a row. What this locks it lets go of at once.
const statement find_locked{
    "find_locked",
    "WITH free AS MATERIALIZED (SELECT t.session FROM tips t JOIN sessions s ON s.key = t.session "
    "WHERE t.session = ANY($1::bigint[]) FOR NO KEY UPDATE SKIP LOCKED) "
    "SELECT t.session FROM tips t WHERE t.session = ANY($1::bigint[]) "
    "AND NOT EXISTS (SELECT FROM free f WHERE f.session = t.session)"};

/// What an operation has met, and not the way to the database.
bool concerns_operations(errc code) {
  return code == errc::corrupt || code == errc::internal || code == errc::invalid;
}

/// 0: of none that is there.
session_key session_of(const store_op& op) {
  return std::visit(
      [](const auto& o) {
        if constexpr (requires { o.session; })
          return o.session;
        else
          return session_key{0};
      },
      op);
}

}  // namespace

result<std::vector<op_outcome>> committing::run() {
  for (std::size_t next = 0; next < ops_.size();) {
    commit_stage stage{state_, failed_, outcomes_};
    auto end = next;
    while (end < ops_.size() && stage.add(ops_[end], end)) ++end;
    const auto [done, met_lock] = attempt_stage(stage);
    note(stage);
    if (!done && met_lock) {
      store_around_locks(stage.places(), done.error());
    } else if (!done && concerns_operations(done.error().code)) {
      store_singly(stage.places());
    } else if (!done && next == 0) {
      for (const auto& op : ops_) not_stored(op);
      return done.error();
    } else if (!done) {
      fail_all(stage.places(), done.error());
      for (; end < ops_.size(); ++end) fail(end, {errc::unavailable, done.error().message});
    }
    for (; next < end; ++next)
      if (const auto* append = std::get_if<append_op>(&ops_[next]);
          append != nullptr && outcomes_[next].error.code != errc::none)
        failed_.insert(append->session);
  }
  return std::move(outcomes_);
}

/// Several times where others were in the way. What may have been stored is `unknown_outcome`.
committing::attempted committing::attempt_stage(commit_stage& stage) {
  bool met_lock = false;
  auto done = attempt([&] {
    constexpr int max_attempts = 3;
    for (int attempts = 1;; ++attempts) {
      try {
        return stage.alone() != nullptr ? run_alone(*stage.alone(), outcomes_[stage.place_of_alone()])
                                        : stage.run(db_);
      } catch (const lost_connection& e) {
        if (!e.was_sent()) throw;
        throw error(errc::unknown_outcome,
                    fmt::format("{}; what was under way may have been stored", e.what()));
      } catch (const error& e) {
        met_lock = e.is_locked();
        if ((!e.is_clash() && !e.is_duplicate()) || attempts == max_attempts) throw;
      } catch (const std::bad_alloc&) {
        throw error(errc::unknown_outcome, "out of memory; what was under way may have been stored");
      }
    }
  });
  return {std::move(done), met_lock};
}

void committing::run_alone(const store_op& op, op_outcome& to) {
  const stager by{db_, writer_};
  if (const auto* append = std::get_if<append_op>(&op)) {
    to.error = append_and_erase(db_, *append);
    if (to.error.code != errc::none) return state_.cut(append->session, append->epoch);
    has_erased_ = true;
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

/// Again, of a stage of which nothing is stored: some of what it held, in the same order. Unless the commit
/// has taken its time.
void committing::store(const places& some, const failure& why_not_before) {
  if (some.empty()) return;
  if (std::chrono::steady_clock::now() >= begun_ + lock_patience) return fail_all(some, why_not_before);
  commit_stage stage{state_, failed_, outcomes_};
  for (const auto place : some)
    if (!stage.add(ops_[place], place)) fail(place, why_not_before);
  const auto [done, met_lock] = attempt_stage(stage);
  note(stage);
  if (done) return;
  if (met_lock)
    store_around_locks(stage.places(), done.error());
  else if (concerns_operations(done.error().code))
    store_singly(stage.places());
  else
    fail_all(stage.places(), done.error());
}

/// Each by itself: those that are sound are stored.
void committing::store_singly(const places& some) {
  for (const auto place : some) {
    if (outcomes_[place].error.code != errc::none) continue;
    commit_stage one{state_, failed_, outcomes_};
    one.add(ops_[place], place);
    if (outcomes_[place].error.code != errc::none) continue;
    const auto done = attempt_stage(one).done;
    note(one);
    if (!done) fail(place, done.error());
    if (const auto* append = std::get_if<append_op>(&ops_[place]);
        append && outcomes_[place].error.code != errc::none)
      failed_.insert(append->session);
    // A seal that damage stops would fail for ever, and keep the journal's rows.
    if (const auto* seal = std::get_if<seal_op>(&ops_[place]);
        seal && !done && done.error().code == errc::corrupt)
      damaged_.emplace_back(seal->session, done.error().message);
  }
}

/// What needs something that another transaction has locked fails alone. Rows of sessions that are locked are
/// asked for, all at once; who waits for anything else (a key that is being inserted, a table) is found by
/// halves, each of which may wait as long again.
void committing::store_around_locks(const places& some, const failure& why) {
  if (some.size() < 2) return fail_all(some, why);
  std::set<session_key> locked;
  const auto asked = attempt([&] {
    auto keys = integers();
    for (const auto place : some) keys.add(session_of(ops_[place]));
    const auto found = db_.run(find_locked, parameters{keys});
    for (int i = 0; i < found.count(); ++i) locked.insert(found.integer(i, 0));
  });
  if (!asked) return fail_all(some, why);
  places free;
  for (const auto place : some)
    if (locked.contains(session_of(ops_[place])))
      fail(place, why);
    else
      free.push_back(place);
  if (free.size() < some.size()) return store(free, why);
  const auto half = some.begin() + static_cast<std::ptrdiff_t>(some.size() / 2);
  store({some.begin(), half}, why);
  store({half, some.end()}, why);
}

void committing::fail(std::size_t place, const failure& why) {
  if (outcomes_[place].error.code == errc::none) outcomes_[place].error = why;
  not_stored(ops_[place]);
  if (const auto* append = std::get_if<append_op>(&ops_[place])) failed_.insert(append->session);
}

void committing::fail_all(const places& some, const failure& why) {
  for (const auto place : some) fail(place, why);
}

/// In place of an append nothing of its writer's may land; a seal is asked for again.
void committing::not_stored(const store_op& op) {
  if (const auto* append = std::get_if<append_op>(&op))
    state_.cut(append->session, append->epoch);
  else if (const auto* seal = std::get_if<seal_op>(&op); seal && state_.holds(seal->session, seal->epoch))
    state_.unsealed.seal_failed(seal->session);
}

void committing::note(const commit_stage& stage) {
  small_.insert(small_.end(), stage.small().begin(), stage.small().end());
  sealed_events_ += stage.sealed_events();
}

}  // namespace sandbase::postgres
