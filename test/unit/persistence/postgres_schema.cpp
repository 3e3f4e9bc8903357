// SPDX-License-Identifier: Apache-2.0
// Making the tables, and programs of different versions on them.
#define CAF_SUITE postgres_schema
#include "persistence/postgres/tables/schema.hpp"
#include "test/unit/persistence/support/postgres_factory.hpp"
#include "test/unit/support/test.hpp"

#include <thread>
#include <vector>

using namespace sandbase;
using namespace sandbase::test;

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
  CAF_CHECK_EQUAL(database.sql("SELECT count(*) FROM sandbase.schema"),
                  std::to_string(postgres::schema_version));
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
  const auto next = std::to_string(postgres::schema_version + 1);
  const auto now = std::to_string(postgres::schema_version);
  database.sql("INSERT INTO sandbase.schema(version, oldest_writer) VALUES(" + next + ", " + now + ")");
  must(must(open_backend(database.url(), true))->open_writer());
  database.sql("UPDATE sandbase.schema SET oldest_writer = " + next + " WHERE version = " + next);
  const auto refused = open_backend(database.url(), true);
  CAF_REQUIRE(!refused);
  CAF_CHECK(refused.error().code == errc::invalid);
  CAF_CHECK(refused.error().message.find("use the program version that wrote it") != std::string::npos);
}

CAF_TEST(any number of processes serve a store) {
  postgres_database database;
  const auto first = must(open_backend(database.url(), true));
  const auto second = must(open_backend(database.url(), true));
  const auto held = must(first->lock("serve"));
  must(second->lock("serve"));
  must(second->lock("import"));
}
