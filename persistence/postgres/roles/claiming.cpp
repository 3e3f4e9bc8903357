// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/roles/claiming.hpp"

#include "persistence/postgres/roles/node_presence.hpp"
#include "persistence/postgres/tables/session_table.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <map>

namespace sandbase::postgres {

namespace {

// Rows are locked in the order of their keys, as appends take theirs: nobody waits for who waits for him.
#define SANDBASE_CLAIM(locking)                                                                           \
  "WITH locked AS MATERIALIZED (SELECT t.session, a.writer, t.writer AS replaced "                        \
  "FROM unnest($1::bigint[], $2::bigint[]) AS a(session, writer) "                                        \
  "JOIN tips t ON t.session = a.session ORDER BY t.session " locking                                      \
  ") UPDATE tips t SET epoch = t.epoch + 1, writer = l.writer FROM locked l WHERE t.session = l.session " \
  "RETURNING t.session, t.epoch, l.replaced"

const statement raise_epochs{"claim", SANDBASE_CLAIM("FOR NO KEY UPDATE OF t")};
const statement raise_free_epochs{"claim_free", SANDBASE_CLAIM("FOR NO KEY UPDATE OF t SKIP LOCKED")};
const statement raise_orphans_epoch{
    "claim_orphan",
    "UPDATE tips t SET epoch = epoch + 1, writer = $2::bigint WHERE session = $1::bigint "
    "AND NOT (t.writer <> 0 AND " SANDBASE_IS_ALIVE("t.writer") ") RETURNING session, epoch"};
const statement release{
    "release", "UPDATE tips SET writer = 0 WHERE session = ANY($1::bigint[]) AND writer = $2::bigint"};

using claims_span = std::span<const claim_by>;

struct raised_epoch {
  epoch_t epoch = 0;
  node_id replaced = 0;
};

result<claimed_session> take_end(const claim_by& claim, const std::map<session_key, raised_epoch>& epochs,
                                 const rows& answer) {
  return attempt([&] {
    auto log = read_end(answer);
    if (!log) throw error(errc::not_found, fmt::format("there is no session {}", claim.first));
    const auto epoch = epochs.find(claim.first);
    if (epoch == epochs.end())
      throw error(errc::unavailable,
                  fmt::format("session {} is locked by another transaction, try again", claim.first));
    const auto& [number, replaced] = epoch->second;
    return claimed_session{number, *std::move(log), replaced == node_of(claim.second) ? 0 : replaced};
  });
}

std::vector<result<claimed_session>> claim_by_statement(connection& db, const statement& raise,
                                                        claims_span claims) {
  auto keys = integers();
  auto marks = integers();
  for (const auto& [session, mark] : claims) {
    keys.add(session);
    marks.add(mark);
  }
  pipeline calls;
  calls.add(begin_statement);
  const auto raised = calls.add(raise, parameters{keys, marks});
  // One each, by the statement of whoever else loads one: what cannot be read is then nobody else's.
  std::vector<std::size_t> ends;
  for (const auto& claim : claims) ends.push_back(calls.add(load_end_by_key, parameters{claim.first}));
  calls.add(commit_statement);
  const auto answers = db.run(calls);
  std::map<session_key, raised_epoch> epochs;
  const auto& all_raised = answers[raised];
  for (int i = 0; i < all_raised.count(); ++i)
    epochs[all_raised.integer(i, 0)] = {all_raised.number(i, 1), node_of(all_raised.integer(i, 2))};
  std::vector<result<claimed_session>> all;
  for (std::size_t i = 0; i < claims.size(); ++i)
    all.push_back(take_end(claims[i], epochs, answers[ends[i]]));
  return all;
}

}  // namespace

std::vector<result<claimed_session>> claim_sessions(connection& db, const std::vector<claim_by>& claims) {
  constexpr int max_attempts = 3;
  for (int attempts = 1;; ++attempts) {
    try {
      return claim_by_statement(db, raise_epochs, claims);
    } catch (const error& e) {
      if (e.is_clash() && attempts < max_attempts) continue;
      // Whoever has waited for somebody's lock takes what is free, and leaves out what is not.
      if (e.is_locked() && claims.size() > 1) return claim_by_statement(db, raise_free_epochs, claims);
      // What a page of one session's does not give is not the others' loss.
      if (!e.is_damage() || claims.size() == 1) throw;
    }
    std::vector<result<claimed_session>> all;
    for (const auto& claim : claims)
      all.push_back(attempt([&] { return unwrap(std::move(claim_sessions(db, {claim}).front())); }));
    return all;
  }
}

std::optional<claimed_session> claim_orphan(connection& db, const claim_by& claim) {
  pipeline calls;
  calls.add(begin_statement);
  const auto raised = calls.add(raise_orphans_epoch, parameters{claim.first, claim.second});
  const auto end = calls.add(load_end_by_key, parameters{claim.first});
  calls.add(commit_statement);
  const auto answers = db.run(calls);
  if (answers[raised].empty()) return std::nullopt;
  auto log = read_end(answers[end]);
  if (!log) return std::nullopt;
  return claimed_session{answers[raised].number(0, 1), *std::move(log)};
}

void release_sessions(connection& db, const array& sessions, std::int64_t mark) {
  db.run(release, parameters{sessions, mark});
}

}  // namespace sandbase::postgres
