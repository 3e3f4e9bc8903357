// SPDX-License-Identifier: Apache-2.0
// Imports whose input takes its time: they hold up nobody, lose nothing, and leave nothing when they are
// gone.
#define CAF_SUITE postgres_importing
#include "test/unit/persistence/support/patience.hpp"
#include "test/unit/persistence/support/postgres_factory.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

struct importing_fixture : store_fixture<postgres_factory> {
  std::unique_ptr<store_admin> admin = must(factory.backend().open_admin());

  std::string sql(const std::string& text) {
    return factory.database.sql("SET search_path=sandbase; " + text);
  }
  std::unique_ptr<session_import> begun(test_log& log) {
    log.make("agent.message", 200, "evt_own");
    for (int i = 0; i < 3; ++i) log.make();
    auto target = must(admin->begin_import("imports", log.header.definition->id));
    must(target->add(log.block(1, 2)));
    must(target->add_foreign_ids({{"evt_own", 1}}));
    return target;
  }
  void go_on(session_import& target, test_log& log) {
    must(target.add(log.block(3, 4)));
    must(target.finish(log.header));
    must(admin->flush());
  }
  std::string count_staged() { return sql("SELECT count(*) FROM sessions WHERE workspace = 0"); }
  std::vector<std::string> events_of(const std::string& id) {
    auto found = must(admin->find_sessions(id));
    CAF_REQUIRE_EQUAL(found.size(), 1u);
    return jsons_of(must(reader->read(found.front().key, 0, max_told_seq, 1 << 30)));
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(postgres_importing, importing_fixture)

CAF_TEST(nothing stays open while the input is waited for and then it goes on) {
  test_log log{"sess_in"};
  const auto target = begun(log);
  const auto has_open = [&] {
    return sql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS "
               "NOT "
               "NULL AND pid <> pg_backend_pid()") != "0";
  };
  CAF_CHECK(has_open());
  CAF_CHECK(comes_true([&] {
    must(admin->rest());
    return !has_open();
  }));
  CAF_MESSAGE("nobody sees it, and who lives keeps it");
  CAF_CHECK(must(admin->find_sessions("sess_in")).empty());
  keep_house();
  CAF_CHECK_EQUAL(count_staged(), "1");
  must(must(factory.backend().open_admin())->create_key("imports", role::viewer, "n", at_ms(0)));
  go_on(*target, log);
  CAF_CHECK_EQUAL(events_of("sess_in"), log.jsons);
  CAF_CHECK_EQUAL(count_staged(), "0");
  must_be_sound();
}

CAF_TEST(a flush in the middle of a session keeps what is finished and goes on) {
  test_log whole{"sess_whole"};
  auto target = begun(whole);
  go_on(*target, whole);
  test_log log{"sess_in"};
  target = begun(log);
  must(admin->flush());
  CAF_CHECK_EQUAL(events_of("sess_whole"), whole.jsons);
  CAF_CHECK(code_of(target->add_foreign_ids({{"evt_own", 2}})) == errc::invalid);
  go_on(*target, log);
  CAF_CHECK_EQUAL(events_of("sess_in"), log.jsons);
  must_be_sound();
}

CAF_TEST(what is given up behind a flush leaves nothing) {
  test_log log{"sess_in"};
  auto target = begun(log);
  must(admin->flush());
  target.reset();
  must(admin->flush());
  CAF_CHECK_EQUAL(count_staged(), "0");
  keep_house();
  CAF_CHECK_EQUAL(sql("SELECT count(*) FROM segments"), "0");
  CAF_CHECK_EQUAL(sql("SELECT count(*) FROM workspaces"), "1");
  must_be_sound();
}

CAF_TEST(what a process leaves that is gone is removed and cannot be gone on with) {
  test_log log{"sess_in"};
  const auto target = begun(log);
  must(admin->flush());
  sql("UPDATE nodes SET seen_at = seen_at - interval '1 hour' WHERE id = (SELECT writer FROM tips)");
  keep_house();
  CAF_CHECK_EQUAL(count_staged(), "0");
  CAF_CHECK(code_of(target->add(log.block(3, 4))) == errc::unavailable);
  CAF_CHECK(code_of(target->finish(log.header)) == errc::unavailable);
  must(admin->flush());
  keep_house();
  CAF_CHECK_EQUAL(sql("SELECT count(*) FROM segments"), "0");
  must_be_sound();
}

CAF_TEST(an id that is taken meanwhile stays with who has it) {
  test_log log{"sess_in"};
  auto target = begun(log);
  must(admin->flush());
  test_log other{"sess_in"};
  other.workspace = must(writer->workspace("imports", true));
  commit_one(other.create(1));
  must(target->add(log.block(3, 4)));
  CAF_CHECK(code_of(target->finish(log.header)) == errc::conflict);
  target.reset();
  must(admin->flush());
  CAF_CHECK_EQUAL(count_staged(), "0");
  CAF_CHECK_EQUAL(must(admin->find_sessions("sess_in")).size(), 1u);
  must_be_sound();
}

CAF_TEST_FIXTURE_SCOPE_END()
