// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE postgres_conninfo
#include "persistence/backend.hpp"
#include "persistence/postgres/sql/conninfo.hpp"
#include "test/unit/support/temp_dir.hpp"
#include "test/unit/support/test.hpp"

#include <map>

using namespace sandbase;
using postgres::conninfo;

namespace {

std::map<std::string, std::string> parameters_of(std::string_view url, std::string password = {},
                                                 std::string_view purpose = "test") {
  const auto where = conninfo::parse(url, std::move(password));
  if (!where) CAF_FAIL(where.error().message);
  // Of those that stand twice the last counts.
  std::map<std::string, std::string> all;
  for (auto& [name, value] : where->parameters(purpose)) all.insert_or_assign(name, value);
  return all;
}

std::string error_of(std::string_view url) {
  const auto where = conninfo::parse(url);
  if (where) return "none";
  CAF_CHECK(where.error().code == errc::invalid);
  return where.error().message;
}

}  // namespace

CAF_TEST(several hosts are tried and what must hold is set whatever the URL says) {
  const auto all = parameters_of(
      "postgres://app@one:5433,two/"
      "events?target_session_attrs=any&connect_timeout=60&options=-c%20work_mem%3D1MB",
      "s3cret");
  CAF_CHECK_EQUAL(all.at("host"), "one,two");
  CAF_CHECK_EQUAL(all.at("dbname"), "events");
  CAF_CHECK_EQUAL(all.at("user"), "app");
  CAF_CHECK_EQUAL(all.at("password"), "s3cret");
  CAF_CHECK_EQUAL(all.at("target_session_attrs"), "read-write");
  CAF_CHECK_EQUAL(all.at("connect_timeout"), "2");
  CAF_CHECK_EQUAL(all.at("application_name"), "sandbase-events test");
  const auto& settings = all.at("options");
  for (const auto* part : {"-c work_mem=1MB", "statement_timeout=15000", "lock_timeout=5000",
                           "idle_in_transaction_session_timeout=1000", "search_path=sandbase"})
    CAF_CHECK(settings.find(part) != std::string::npos);
}

CAF_TEST(who writes for many sessions waits less for a lock) {
  for (const auto purpose : {postgres::writer_purpose, postgres::claims_purpose}) {
    const auto all = parameters_of("postgres://app@one/events", {}, purpose);
    CAF_CHECK(all.at("options").find("lock_timeout=1200 ") != std::string::npos);
  }
}

CAF_TEST(a password in the URL is refused and never repeated) {
  for (const auto* url : {"postgres://app:s3cret@host/db", "postgres://app@host/db?password=s3cret"}) {
    const auto why = error_of(url);
    CAF_CHECK(why.find("store.password_file") != std::string::npos);
    CAF_CHECK(why.find("s3cret") == std::string::npos);
  }
}

CAF_TEST(what is no URI is refused and not repeated) {
  for (const auto* url : {"postgres://app@host/db?no_such_word=1", "postgres://app@[::1/db"})
    CAF_CHECK(error_of(url).find("no PostgreSQL URI") == 0);
}

CAF_TEST(messages show where it is and nothing secret) {
  const auto where = conninfo::parse("postgresql://app@one,two/events?sslmode=require", "s3cret");
  CAF_REQUIRE(static_cast<bool>(where));
  CAF_CHECK_EQUAL(where->shown(), "postgres://app@one,two/events");
}

CAF_TEST(a password file must have a password) {
  const test::temp_dir folder;
  const auto empty = folder.write("empty", "\n");
  for (const auto& file : {empty, folder.file("none")}) {
    const auto opened = open_backend(store_address{"postgres://app@/db?host=/nowhere", file}, false);
    CAF_REQUIRE(!opened);
    CAF_CHECK(opened.error().code == errc::invalid);
    CAF_CHECK(opened.error().message.find("store.password_file") == 0);
  }
}

CAF_TEST(only stores that are known are taken) {
  CAF_CHECK(static_cast<bool>(check_store_url("sqlite:x.db")));
  CAF_CHECK(static_cast<bool>(check_store_url("postgresql://app@host/db")));
  for (const auto* url : {"", "sqlite:", "x.db", "mysql://host/db", "postgres:db"})
    CAF_CHECK(!check_store_url(url));
}
