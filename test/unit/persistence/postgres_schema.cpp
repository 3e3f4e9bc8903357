// SPDX-License-Identifier: Apache-2.0
// Making the tables, and programs of different versions on them.
#define CAF_SUITE postgres_schema
#include "persistence/postgres/backend.hpp"
#include "persistence/postgres/tables/schema.hpp"
#include "test/unit/persistence/support/patience.hpp"
#include "test/unit/persistence/support/postgres_factory.hpp"
#include "test/unit/support/test.hpp"

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

using namespace sandbase;
using namespace sandbase::test;

namespace {

const auto own_version = postgres::version_of(postgres::own_history);

/// As a later program knows the tables: with made-up migrations behind those of this one.
class later_program {
 public:
  explicit later_program(std::vector<postgres::migration> more)
      : all_(postgres::own_history.begin(), postgres::own_history.end()) {
    all_.insert(all_.end(), more.begin(), more.end());
  }
  postgres::table_history history() const { return all_; }

 private:
  std::vector<postgres::migration> all_;
};

constexpr const char* adds_a_column =
    "ALTER TABLE tips ADD COLUMN colour BIGINT NOT NULL DEFAULT 0; CREATE TABLE colours(id BIGINT PRIMARY "
    "KEY)";
constexpr const char* takes_a_column_away = "ALTER TABLE tips DROP COLUMN colour; DROP TABLE colours";

}  // namespace

CAF_TEST(what is not there is told apart from what cannot be reached) {
  postgres_database database;
  CAF_CHECK(code_of(open_backend(database.url(), false)) == errc::not_found);
  must(open_backend(database.url(), true));
  must(open_backend(database.url(), false));
  CAF_CHECK(code_of(open_backend(
                "postgres://postgres@/no_such_database?host=" + postgres_database::socket_folder(), false)) ==
            errc::unavailable);
  CAF_CHECK(code_of(open_backend("postgres://postgres@/x?host=/nowhere", false)) == errc::unavailable);
}

CAF_TEST(many may make the tables at once) {
  postgres_database database;
  std::vector<std::thread> all;
  std::vector<std::string> errors(8);
  for (auto& error : errors)
    all.emplace_back([&] {
      if (const auto opened = open_backend(database.url(), true); !opened) error = opened.error().message;
    });
  for (auto& t : all) t.join();
  for (const auto& error : errors) CAF_CHECK_EQUAL(error, "");
  CAF_CHECK_EQUAL(database.sql("SELECT count(*) FROM sandbase.schema"), std::to_string(own_version));
}

CAF_TEST(a role without the right to make tables is told what is missing) {
  postgres_database database;
  database.sql("DROP ROLE IF EXISTS app; CREATE ROLE app LOGIN");
  const auto url = database.url(postgres_database::socket_folder(), "app");
  const auto opened = open_backend(url, true);
  CAF_REQUIRE(!opened);
  CAF_CHECK(opened.error().code == errc::invalid);
  CAF_CHECK(opened.error().message.find("GRANT CREATE ON DATABASE") != std::string::npos);
  CAF_MESSAGE("and needs none once somebody else has made them");
  must(open_backend(database.url(), true));
  database.sql(
      "GRANT USAGE ON SCHEMA sandbase TO app; GRANT ALL ON ALL TABLES IN SCHEMA sandbase TO app; "
      "GRANT ALL ON ALL SEQUENCES IN SCHEMA sandbase TO app");
  const auto backend = must(open_backend(url, true));
  must(must(backend->open_writer())->workspace("main", true));
  database.sql("DROP OWNED BY app; DROP ROLE app");
}

CAF_TEST(a newer schema is written as long as it allows for it) {
  postgres_database database;
  must(open_backend(database.url(), true));
  const auto next = std::to_string(own_version + 1);
  const auto now = std::to_string(own_version);
  database.sql("INSERT INTO sandbase.schema(version, oldest_writer) VALUES(" + next + ", " + now + ")");
  must(must(open_backend(database.url(), true))->open_writer());
  database.sql("UPDATE sandbase.schema SET oldest_writer = " + next + " WHERE version = " + next);
  const auto refused = open_backend(database.url(), true);
  CAF_REQUIRE(!refused);
  CAF_CHECK(refused.error().code == errc::invalid);
  CAF_CHECK(refused.error().message.find("use the program version that wrote it") != std::string::npos);
}

namespace {

/// A process on a database that several share, with a session that it writes.
struct process {
  process(const postgres_database& database, postgres::table_history known, const std::string& id) : log(id) {
    start(database, known);
    log.workspace = must(writer->workspace("main", true));
    const store_op op = log.create(1);
    log.key = must(writer->commit({&op, 1})).front().session;
    claim();
  }
  /// Ends the one before, if there is one.
  void start(const postgres_database& database, postgres::table_history known) {
    writer.reset();
    backend = must(postgres::open_backend(store_address{database.url()}, true, known));
    writer = must(backend->open_writer());
  }
  void claim() { log.epoch = must(writer->claim(log.key)).epoch; }
  errc append() {
    const store_op op = log.append(1);
    const auto done = writer->commit({&op, 1});
    return done ? done->front().error.code : done.error().code;
  }
  errc keep_house() {
    return code_of(writer->housekeep({at_ms(0), true, [] { return false; }}));
  }

  test_log log;
  std::unique_ptr<store_backend> backend;
  std::unique_ptr<event_store> writer;
};

}  // namespace

CAF_TEST(processes are upgraded one after another and the oldest stops when it must) {
  const later_program next{{{adds_a_column, own_version}}};
  const later_program one_behind{{{adds_a_column, own_version}, {takes_a_column_away, own_version + 1}}};
  postgres_database database;
  process a{database, postgres::own_history, "sess_a"};
  process b{database, postgres::own_history, "sess_b"};
  process c{database, postgres::own_history, "sess_c"};
  const auto check_at_work = [](std::vector<process*> all) {
    for (auto* p : all) {
      CAF_CHECK(p->keep_house() == errc::none);
      CAF_CHECK(p->append() == errc::none);
    }
  };
  check_at_work({&a, &b, &c});

  CAF_MESSAGE("c comes back with the next version; the others run on, and may start");
  const auto upgrade = [&](process& p, const later_program& to) {
    p.start(database, to.history());
    p.claim();
  };
  upgrade(c, next);
  CAF_CHECK_EQUAL(database.sql("SELECT max(version) FROM sandbase.schema"), std::to_string(own_version + 1));
  check_at_work({&a, &b, &c});
  a.start(database, postgres::own_history);
  a.claim();
  check_at_work({&a, &b, &c});

  CAF_MESSAGE("b too, then c takes a step that a is too old for");
  upgrade(b, next);
  upgrade(c, one_behind);
  CAF_CHECK(comes_true([&] { return a.keep_house() == errc::outdated; }));
  CAF_CHECK(a.append() == errc::unavailable);
  CAF_CHECK(code_of(a.writer->claim(a.log.key)) == errc::unavailable);
  CAF_CHECK(a.keep_house() == errc::outdated);
  const auto why = a.writer->housekeep({}).error().message;
  CAF_CHECK(why.find("which programs older than " + std::to_string(own_version + 1) + " may not write") !=
            std::string::npos);
  check_at_work({&b, &c});

  CAF_MESSAGE("it does not start any more, and its sessions are written on elsewhere");
  const auto refused = postgres::open_backend(store_address{database.url()}, true);
  CAF_CHECK(code_of(refused) == errc::invalid);
  CAF_CHECK(code_of(migrate_store(store_address{database.url()}, false)) == errc::invalid);
  const auto found = must(b.writer->claim(a.log.key));
  CAF_CHECK_EQUAL(found.log.row.sealed_seq + found.log.unsealed.size(), 4u);  // 1, and one a round
  const auto report = must(must(c.backend->open_admin())->check([](const std::string& p) { CAF_FAIL(p); }));
  CAF_CHECK_EQUAL(report.sessions, 3);
}

CAF_TEST(what one writer of a process finds out holds for all of them) {
  postgres_database database;
  const auto backend = must(open_backend(database.url(), true));
  auto all = must(backend->open_writers(3, default_max_unsealed_bytes));
  CAF_REQUIRE_EQUAL(all.lanes.size(), 3u);
  test_log log{"sess_a"};
  log.workspace = must(all.lanes.front()->workspace("main", true));
  const auto make = [&](event_store& writer) -> result<op_outcome> {
    const store_op op = log.create(1);
    auto done = writer.commit({&op, 1});
    if (!done) return std::move(done).error();
    return std::move(done->front());
  };
  log.key = must(make(*all.lanes.front())).session;
  const auto* find_fence = "SELECT epoch || ' ' || writer FROM sandbase.tips";
  const auto fence = database.sql(find_fence);
  const auto next = std::to_string(own_version + 1);
  database.sql("INSERT INTO sandbase.schema(version, oldest_writer) VALUES(" + next + ", " + next + ")");
  const auto keep_house = [](event_store& writer) {
    return code_of(writer.housekeep({at_ms(0), true, [] { return false; }}));
  };
  CAF_CHECK(comes_true([&] { return keep_house(*all.lanes[1]) == errc::outdated; }));
  for (const auto& lane : all.lanes) {
    CAF_CHECK(code_of(make(*lane)) == errc::unavailable);
    CAF_CHECK(code_of(lane->claim(log.key)) == errc::unavailable);
    CAF_CHECK(code_of(lane->expect_claim(log.key)) == errc::unavailable);
    CAF_CHECK(keep_house(*lane) == errc::outdated);
  }
  CAF_CHECK(code_of(all.claimer->claim({&log.key, 1}).front()) == errc::unavailable);
  CAF_CHECK_EQUAL(database.sql(find_fence), fence);
}

CAF_TEST(what only reads refuses older tables and migrate brings them up to date) {
  const later_program next{{{adds_a_column, own_version}}};
  postgres_database database;
  const store_address where{database.url()};
  CAF_CHECK(code_of(migrate_store(where, false)) == errc::not_found);
  must(migrate_store(where, true));
  const auto refused = postgres::open_backend(where, false, next.history());
  CAF_CHECK(code_of(refused) == errc::invalid);
  CAF_CHECK(refused.error().message.find("sandbase-events migrate") != std::string::npos);
  for (const auto from : {own_version, own_version + 1}) {
    const auto report = must(postgres::migrate_store(where, false, next.history()));
    CAF_CHECK_EQUAL(report.from, from);
    CAF_CHECK_EQUAL(report.to, own_version + 1);
  }
  must(postgres::open_backend(where, false, next.history()));
  CAF_MESSAGE("and leaves newer ones that it may write in as they are");
  CAF_CHECK_EQUAL(copied(must(migrate_store(where, false)).to), own_version + 1);
}

CAF_TEST(a migration is whole or not at all) {
  const later_program next{{{adds_a_column, own_version}, {"CREATE TABLE nonsense(", own_version}}};
  postgres_database database;
  const store_address where{database.url()};
  must(migrate_store(where, true));
  CAF_CHECK(code_of(postgres::migrate_store(where, false, next.history())) == errc::internal);
  CAF_CHECK_EQUAL(copied(must(migrate_store(where, false)).from), own_version);
  CAF_CHECK_EQUAL(database.sql("SELECT to_regclass('sandbase.colours') IS NULL"), "t");
}

CAF_TEST(a migration waits for whoever uses the tables and appends go on meanwhile) {
  const later_program next{{{adds_a_column, own_version}}};
  postgres_database database;
  process a{database, postgres::own_history, "sess_a"};
  auto dump =
      std::make_optional<postgres_transaction>(database, "LOCK TABLE sandbase.tips IN ACCESS SHARE MODE");
  std::atomic<bool> has_ended = false;
  result<migration_report> done{migration_report{}};
  std::thread migrating{[&] {
    done = postgres::migrate_store(store_address{database.url()}, false, next.history());
    has_ended = true;
  }};
  const auto waits = [&] {
    return database.sql(
               "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'sandbase.tips'::regclass "
               "AND mode = 'AccessExclusiveLock'") == "1";
  };
  // Twice, behind it and between its attempts.
  for (int round = 0; round < 2; ++round) {
    CAF_CHECK(comes_true(waits));
    CAF_CHECK(a.append() == errc::none);
    CAF_CHECK(comes_true([&] { return !waits(); }));
    CAF_CHECK(a.append() == errc::none);
  }
  CAF_CHECK(!has_ended);
  dump.reset();
  migrating.join();
  CAF_CHECK_EQUAL(must(done).to, own_version + 1);
  CAF_CHECK(a.append() == errc::none);
}

CAF_TEST(a migration that finds no room says who uses the tables) {
  const later_program next{{{adds_a_column, own_version}}};
  postgres_database database;
  must(open_backend(database.url(), true));
  const postgres_transaction dump{
      database, "SET application_name = 'pg_dump'; LOCK TABLE sandbase.tips IN ACCESS SHARE MODE"};
  postgres::connection db{must(postgres::conninfo::parse(database.url())), "test"};
  const auto done = attempt([&] { return postgres::migrate(db, next.history(), {}); });
  CAF_REQUIRE(!done);
  CAF_CHECK(done.error().code == errc::unavailable);
  CAF_CHECK(done.error().message.find("pg_dump (process ") != std::string::npos);
  CAF_CHECK_EQUAL(database.sql("SELECT to_regclass('sandbase.colours') IS NULL"), "t");
}

CAF_TEST(any number of processes serve a store) {
  postgres_database database;
  const auto first = must(open_backend(database.url(), true));
  const auto second = must(open_backend(database.url(), true));
  const auto held = must(first->lock("serve"));
  must(second->lock("serve"));
  must(second->lock("import"));
}
