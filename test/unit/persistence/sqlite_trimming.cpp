// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE sqlite_trimming
#include "persistence/sqlite/sql/connection.hpp"
#include "test/unit/persistence/support/sqlite_factory.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

constexpr std::size_t event_bytes = 10'000;

struct trimming_fixture : store_fixture<sqlite_factory> {
  test_log log{"sess_a", at_ms(0)};

  trimming_fixture() {
    writer.reset();
    writer = must(factory.backend().open_writer(1'600'000));
    store(log);
  }
  void append_sealed(int count) {
    for (int i = 0; i < count; ++i) {
      const auto append = log.append(1, event_bytes);
      commit({append, log.seal({{log.last(), log.last()}})});
    }
  }
  /// What is worth its while beside other work.
  void keep_house_beside() {
    while (must(writer->housekeep({at_ms(0), false, [] { return false; }}))) {
    }
  }
  std::int64_t rows() {
    sqlite::connection db{factory.path, {sqlite::side::reading, 256, false}};
    auto rows = db.query("SELECT count(*) FROM journal");
    rows.next();
    return rows->integer(0);
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(sqlite_trimming, trimming_fixture)

CAF_TEST(a sixteenth of the bound in dead rows is worth a trim beside other work) {
  append_sealed(8);
  keep_house_beside();
  CAF_CHECK_EQUAL(rows(), 8);
  append_sealed(4);
  keep_house_beside();
  CAF_CHECK_EQUAL(rows(), 0);
  append_sealed(8);
  keep_house_beside();
  CAF_CHECK_EQUAL(rows(), 8);
  keep_house();
  CAF_CHECK_EQUAL(rows(), 0);
}

CAF_TEST(with an eighth of it housekeeping is behind) {
  append_sealed(16);
  CAF_CHECK(!writer->unsealed().is_behind);
  append_sealed(8);
  CAF_CHECK(writer->unsealed().is_behind);
  CAF_CHECK(!writer->unsealed().is_pressed);
  keep_house_beside();
  CAF_CHECK(!writer->unsealed().is_behind);
  append_sealed(16);
  CAF_CHECK(!writer->unsealed().is_behind);
}

CAF_TEST(rows that are needed are not counted as dead) {
  commit_one(log.append(24, event_bytes));
  CAF_CHECK(!writer->unsealed().is_behind);
  auto other = made("sess_b");
  commit_one(other.append(24, event_bytes));
  commit_one(other.seal({{1, 24}}));
  CAF_CHECK(!writer->unsealed().is_behind);
  commit_one(log.seal({{1, 24}}));
  CAF_CHECK(writer->unsealed().is_behind);
}

CAF_TEST_FIXTURE_SCOPE_END()
