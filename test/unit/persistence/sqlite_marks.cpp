// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE sqlite_marks
#include "persistence/sqlite/sql/connection.hpp"
#include "test/unit/persistence/support/sqlite_factory.hpp"
#include "test/unit/support/time_ranges.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

struct marks_fixture : store_fixture<sqlite_factory> {
  test_log log = made("sess_a");

  marks_fixture() {
    auto op = log.append(3);
    log.add(op, log.make("acme.step"));
    log.add(op, log.make("session.error"));
    log.add(op, log.make());
    commit_one(op);
    commit_one(log.seal({{1, 2}, {3, 6}}));
  }

  void alter(const std::string& sql) {
    sqlite::connection db{factory.path, {sqlite::side::writing, 256, false}};
    db.exec(sql, "cannot spoil it");
  }
  result<search_result> search(const std::string& type, const time_range& times = {}) {
    return reader->search(log.key, {0, 6}, {{type}, times}, [] { return false; });
  }
  seq_t found(const std::string& type) {
    const auto r = must(search(type));
    return r.found ? r.reached + 1 : 0;
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(sqlite_marks, marks_fixture)

CAF_TEST(a search reads marks and no payloads) {
  alter("UPDATE segments SET frames=zeroblob(length(frames))");
  CAF_CHECK(code_of(reader->read(log.key, 0, 6, 1 << 20)) == errc::corrupt);
  CAF_CHECK_EQUAL(found("session.error"), 5u);
  CAF_CHECK_EQUAL(found("session.usage"), 0u);
  CAF_CHECK_EQUAL(found("acme.other"), 0u);
  CAF_CHECK(must(search("session.error", between(at_ms(2), at_ms(6)))).found);
  CAF_MESSAGE("but for a custom type's name, and the digits of a bound's own millisecond");
  CAF_CHECK(code_of(search("acme.step")) == errc::corrupt);
  CAF_CHECK(code_of(search("session.error", lte(at_ms(5)))) == errc::corrupt);
}

CAF_TEST(marks that were changed are found and not believed) {
  const auto change = [&](std::size_t at) {
    return "UPDATE segments SET marks=CAST(substr(marks, 1, " + std::to_string(at) +
           ") || x'ff' || substr(marks, " + std::to_string(at + 2) + ") AS BLOB)";
  };
  for (const std::size_t at : {4u, 12u, 50u, 60u}) {
    alter("CREATE TABLE kept AS SELECT id, marks FROM segments");
    alter(change(at));
    CAF_CHECK(code_of(search("session.error")) == errc::corrupt);
    alter("UPDATE segments SET marks=(SELECT marks FROM kept WHERE kept.id=segments.id)");
    alter("DROP TABLE kept");
  }
  CAF_CHECK_EQUAL(found("session.error"), 5u);
  alter("UPDATE segments SET first_seq=2 WHERE first_seq=1");
  CAF_CHECK(code_of(search("session.error")) == errc::corrupt);
}

CAF_TEST(a missing segment is found by a search) {
  alter("DELETE FROM segments WHERE first_seq=1");
  CAF_CHECK(code_of(search("session.error")) == errc::corrupt);
}

CAF_TEST_FIXTURE_SCOPE_END()
