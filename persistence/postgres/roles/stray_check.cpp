// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/roles/stray_check.hpp"

#include <fmt/core.h>
#include <limits>

namespace sandbase::postgres {

namespace {

// Each step is one statement, and so of one moment: what is made or removed meanwhile is seen whole or not
// at all. It goes from key to key along the index, however many rows each has, and tells what it has seen.

// Of a session neither there nor deleted; what a deletion leaves is swept before long.
#define SANDBASE_BELONGS_TO_NONE                                         \
  "NOT EXISTS (SELECT FROM sessions s WHERE s.key = w.session) AND NOT " \
  "EXISTS (SELECT FROM tombstones o WHERE o.session = w.session)"
// Parameters: a number that is not used, and the key to begin behind.
#define SANDBASE_WALK(rows, is_stray)                                      \
  "WITH RECURSIVE walk AS ((SELECT t.session FROM " rows                   \
  " t WHERE t.session > $2::bigint ORDER BY t.session LIMIT 1) UNION ALL " \
  "SELECT n.session FROM walk w, LATERAL (SELECT t.session FROM " rows     \
  " t WHERE t.session > w.session ORDER BY t.session LIMIT 1) n) "         \
  "SELECT $1::bigint, w.session, " is_stray                                \
  " FROM (SELECT session FROM walk LIMIT 1000) w ORDER BY w.session"
#define SANDBASE_SESSIONS "(SELECT key AS session FROM sessions)"

struct walk {
  statement step;
  /// With the place of the key that it is about.
  const char* sentence;
};

const walk walks[] = {
    {{"stray_tips", SANDBASE_WALK("tips", "NOT EXISTS (SELECT FROM sessions s WHERE s.key = w.session)")},
     "session {} has a tip, but is not there"},
    {{"stray_definitions", SANDBASE_WALK("definitions", SANDBASE_BELONGS_TO_NONE)},
     "session {} has a definition, but is not there"},
    {{"stray_journal", SANDBASE_WALK("journal", SANDBASE_BELONGS_TO_NONE)},
     "session {} has unsealed events, but is not there"},
    {{"stray_segments", SANDBASE_WALK("segments", SANDBASE_BELONGS_TO_NONE)},
     "session {} has segments, but is not there"},
    {{"stray_ids", SANDBASE_WALK("foreign_ids", SANDBASE_BELONGS_TO_NONE)},
     "session {} has noted ids, but is not there"},
    {{"stray_tombstones",
      SANDBASE_WALK("tombstones", "EXISTS (SELECT FROM sessions s WHERE s.key = w.session)")},
     "session {} is deleted, but is there"},
    {{"endless_sessions",
      SANDBASE_WALK(SANDBASE_SESSIONS, "NOT EXISTS (SELECT FROM tips t WHERE t.session = w.session)")},
     "session {} has no tip"},
    {{"undefined_sessions",
      SANDBASE_WALK(SANDBASE_SESSIONS, "NOT EXISTS (SELECT FROM definitions d WHERE d.session = w.session)")},
     "session {} has no definition"},
    {{"homeless_sessions",
      SANDBASE_WALK(SANDBASE_SESSIONS,
                    "EXISTS (SELECT FROM sessions s WHERE s.key = w.session AND s.workspace <> 0 AND "
                    "NOT EXISTS (SELECT FROM workspaces p WHERE p.id = s.workspace))")},
     "session {} is in no workspace"},
    {{"homeless_keys",
      SANDBASE_WALK("(SELECT id AS session FROM api_keys)",
                    "NOT EXISTS (SELECT FROM api_keys k JOIN workspaces p ON p.id = k.workspace "
                    "WHERE k.id = w.session)")},
     "API key {} is of no workspace"},
    // Those of creations, under 0, are of none.
    {{"stray_requests",
      "WITH RECURSIVE walk AS ((SELECT t.workspace, t.session FROM idempotency t WHERE (t.workspace, "
      "t.session) "
      "> ($1::bigint, $2::bigint) ORDER BY t.workspace, t.session LIMIT 1) UNION ALL SELECT n.workspace, "
      "n.session FROM walk w, LATERAL (SELECT t.workspace, t.session FROM idempotency t WHERE (t.workspace, "
      "t.session) > (w.workspace, w.session) ORDER BY t.workspace, t.session LIMIT 1) n) SELECT w.workspace, "
      "w.session, w.session <> 0 AND " SANDBASE_BELONGS_TO_NONE
      " FROM (SELECT workspace, session FROM walk LIMIT 1000) w ORDER BY w.workspace, w.session"},
     "session {} has an Idempotency-Key, but is not there"},
};

}  // namespace

void check_strays(connection& db, const problem_fn& problem) {
  for (const auto& [step, sentence] : walks) {
    std::int64_t workspace = std::numeric_limits<std::int64_t>::min();
    std::int64_t key = workspace;
    for (;;) {
      const auto some = db.run(step, parameters{workspace, key});
      if (some.empty()) break;
      for (int i = 0; i < some.count(); ++i)
        if (some.integer(i, 2) != 0) problem(fmt::format(fmt::runtime(sentence), some.integer(i, 1)));
      workspace = some.integer(some.count() - 1, 0);
      key = some.integer(some.count() - 1, 1);
    }
  }
}

}  // namespace sandbase::postgres
