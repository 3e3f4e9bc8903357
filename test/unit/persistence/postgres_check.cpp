// SPDX-License-Identifier: Apache-2.0
// Rows that belong to nothing are found in every table, however many there are.
#define CAF_SUITE postgres_check
#include "test/unit/persistence/support/postgres_factory.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

struct check_fixture : store_fixture<postgres_factory> {
  std::vector<std::string> problems() {
    std::vector<std::string> all;
    const auto report =
        must(must(factory.backend().open_admin())->check([&](const std::string& p) { all.push_back(p); }));
    CAF_CHECK_EQUAL(static_cast<std::size_t>(report.problems), all.size());
    return all;
  }
  std::string sql(const std::string& text) {
    return factory.database.sql("SET search_path=sandbase; " + text);
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(postgres_check, check_fixture)

CAF_TEST(a stray row in any table is named) {
  auto log = made("sess_a", 3);
  commit_one(log.seal({{1, 2}}));
  CAF_CHECK(problems().empty());
  const auto key = std::to_string(log.key);
  struct stray {
    std::string makes;
    std::string removes;
    std::string problem;
  };
  const std::string absent = "session 4711 has ";
  const stray all[] = {
      {"INSERT INTO tips SELECT 4711, epoch, 0, 0, head, tip, 0, sealed_head FROM tips",
       "DELETE FROM tips WHERE session = 4711", absent + "a tip, but is not there"},
      {"INSERT INTO definitions VALUES(4711, '')", "DELETE FROM definitions WHERE session = 4711",
       absent + "a definition, but is not there"},
      {"INSERT INTO journal VALUES(4711, 1, 0, '', '', ''), (4711, 2, 0, '', '', '')",
       "DELETE FROM journal WHERE session = 4711", absent + "unsealed events, but is not there"},
      {"INSERT INTO segments VALUES(4711, 1, 1, 0, '', ''), (4711, 2, 2, 0, '', '')",
       "DELETE FROM segments WHERE session = 4711", absent + "segments, but is not there"},
      {"INSERT INTO foreign_ids VALUES(4711, 'a', 1), (4711, 'b', 2)",
       "DELETE FROM foreign_ids WHERE session = 4711", absent + "noted ids, but is not there"},
      {"INSERT INTO idempotency VALUES(1, 4711, 'a', '', 1, 1, 0), (1, 4711, 'b', '', 1, 1, 0)",
       "DELETE FROM idempotency WHERE session = 4711", absent + "an Idempotency-Key, but is not there"},
      {"INSERT INTO tombstones VALUES(" + key + ", 1)", "DELETE FROM tombstones",
       "session " + key + " is deleted, but is there"},
      {"INSERT INTO sessions SELECT 4711, workspace, 'sess_b', created_at, agent_id, agent_version, status, "
       "archived_at, last_seq, progress FROM sessions; INSERT INTO definitions VALUES(4711, '')",
       "DELETE FROM sessions WHERE key = 4711; DELETE FROM definitions WHERE session = 4711",
       "session 4711 has no tip"},
      {"INSERT INTO api_keys(id, workspace, hash, role, name, hint, created_at) "
       "VALUES(4711, 99, '', 0, '', '', 0)",
       "DELETE FROM api_keys", "API key 4711 is of no workspace"},
  };
  for (const auto& [makes, removes, problem] : all) {
    sql(makes);
    const auto found = problems();
    CAF_REQUIRE_EQUAL(found.size(), 1u);
    CAF_CHECK_EQUAL(found.front(), problem);
    sql(removes);
    CAF_CHECK(problems().empty());
  }
}

CAF_TEST(a session without what belongs to it is named) {
  const auto log = made("sess_a", 1);
  const auto key = std::to_string(log.key);
  const auto tells = [&](const std::string& problem) {
    const auto all = problems();
    return std::ranges::find(all, problem) != all.end();
  };
  sql("UPDATE sessions SET workspace = 99");
  CAF_CHECK(tells("session " + key + " is in no workspace"));
  sql("DELETE FROM definitions");
  CAF_CHECK(tells("session " + key + " has no definition"));
  sql("DELETE FROM tips");
  CAF_CHECK(tells("session " + key + " has no tip"));
}

CAF_TEST(what a deletion leaves is not stray and what many leave is walked in steps) {
  auto log = made("sess_a", 3);
  commit_one(log.seal({{1, 2}}));
  commit_one(delete_op{log.key, log.epoch});
  CAF_CHECK(problems().empty());
  // Steps have 1,000 keys.
  sql("INSERT INTO segments SELECT 5000 + n, f, f, 0, '', '' FROM generate_series(1, 2500) n, "
      "generate_series(1, 3) f");
  sql("INSERT INTO idempotency SELECT w, 5000 + n, 'a', '', 1, 1, 0 FROM generate_series(1, 2) w, "
      "generate_series(1, 1200) n");
  const auto all = problems();
  CAF_CHECK_EQUAL(all.size(), 2500u + 2 * 1200u);
  CAF_CHECK_EQUAL(std::ranges::count(all, "session 7500 has segments, but is not there"), 1);
}

CAF_TEST_FIXTURE_SCOPE_END()
