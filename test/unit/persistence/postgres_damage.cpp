// SPDX-License-Identifier: Apache-2.0
// What is damaged in the database fails by itself; what has no writer any more pins nothing.
#define CAF_SUITE postgres_damage
#include "test/unit/persistence/support/postgres_factory.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

struct damage_fixture : store_fixture<postgres_factory> {
  std::string sql(const std::string& text) { return factory.database.sql(text); }
  std::string of(const test_log& log) { return " WHERE session = " + std::to_string(log.key); }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(postgres_damage, damage_fixture)

CAF_TEST(a flipped bit is told and costs only what touches it) {
  auto log = made("sess_a", 3);
  auto other = made("sess_b", 1);
  commit_one(log.seal({{1, 3}}));
  sql("UPDATE sandbase.segments SET frames = set_byte(frames, 40, get_byte(frames, 40) # 1)" + of(log));
  CAF_CHECK(code_of(reader->read(log.key, 0, 3, 1 << 20)) == errc::corrupt);
  const auto erase = log.erase(2);
  const auto behind = log.append(1);
  const auto outcomes = commit({erase, behind, other.append(1)});
  CAF_CHECK(outcomes[0].error.code == errc::corrupt);
  CAF_CHECK(is_refused(outcomes[1].error.code));
  CAF_CHECK(outcomes[2].error.code == errc::none);
  CAF_CHECK_EQUAL(last_of(other), 2u);
  int problems = 0;
  must(must(factory.backend().open_admin())->check([&](const std::string&) { ++problems; }));
  CAF_CHECK_EQUAL(problems, 1);
}

CAF_TEST(an event that is missing in the journal sets its session aside) {
  auto log = made("sess_a", 3);
  auto other = made("sess_b", 2);
  writer->release(log.key, log.epoch);
  writer->release(other.key, other.epoch);
  sql("DELETE FROM sandbase.journal" + of(log) + " AND seq = 2");
  keep_house();
  CAF_CHECK_EQUAL(row_of(other).sealed_seq, 2u);
  CAF_CHECK_EQUAL(writer->take_damage().size(), 1u);
  CAF_CHECK(writer->take_damage().empty());
  CAF_CHECK(code_of(writer->claim(log.key)) == errc::corrupt);
  CAF_CHECK(code_of(reader->find_session(workspace, "sess_a")) == errc::corrupt);
  CAF_MESSAGE("what it has unsealed takes nobody's room");
  keep_house();
  CAF_CHECK_EQUAL(writer->unsealed().sessions, 0u);
  CAF_CHECK_EQUAL(writer->unsealed().set_aside, 1u);
}

CAF_TEST(what is of this node in the database alone is let go of) {
  auto log = made("sess_a", 2);
  auto failing = log;
  failing.make();
  CAF_CHECK(is_refused(error_of(failing.append(1))));  // it does not follow: the epoch is over
  keep_house();
  CAF_CHECK_EQUAL(sql("SELECT writer FROM sandbase.tips" + of(log)), "0");
  keep_house();
  CAF_CHECK_EQUAL(row_of(log).sealed_seq, 2u);
  claim(log);
  commit_one(log.append(1));
  must_be_sound();
}

CAF_TEST(small segments are joined and nothing is lost) {
  auto log = made("sess_a");
  for (seq_t seq = 1; seq <= 20; ++seq) {
    commit_one(log.append(1));
    commit_one(log.seal({{seq, seq}}));
  }
  keep_house();
  CAF_CHECK_LESS(std::stoi(sql("SELECT count(*) FROM sandbase.segments" + of(log))), 20);
  CAF_CHECK_EQUAL(read_all(log), log.jsons);
  must_be_sound();
}

CAF_TEST_FIXTURE_SCOPE_END()
