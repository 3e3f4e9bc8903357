// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE sqlite_merging
#include "persistence/sqlite/sql/connection.hpp"
#include "test/unit/persistence/support/sqlite_factory.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

struct merging_fixture : store_fixture<sqlite_factory> {
  test_log log = made("sess_a");

  /// So many seals of one event each, of so many bytes.
  void seal_singly(int count, std::size_t size) {
    for (int i = 0; i < count; ++i) {
      const auto append = log.append(1, size);
      commit({append, log.seal({{log.last(), log.last()}})});
    }
  }
  /// Events in each segment, oldest first.
  std::vector<std::int64_t> segments() {
    sqlite::connection db{factory.path, {sqlite::side::reading, 256, false}};
    auto rows = db.query("SELECT last_seq-first_seq+1 FROM segments ORDER BY session, first_seq");
    std::vector<std::int64_t> all;
    while (rows.next()) all.push_back(rows->integer(0));
    return all;
  }
  using counts = std::vector<std::int64_t>;
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(sqlite_merging, merging_fixture)

CAF_TEST(eight small segments become one) {
  seal_singly(7, 200);
  CAF_CHECK_EQUAL(segments(), (counts{1, 1, 1, 1, 1, 1, 1}));
  seal_singly(1, 200);
  CAF_CHECK_EQUAL(segments(), (counts{8}));
  seal_singly(7, 200);
  CAF_CHECK_EQUAL(segments(), (counts{15}));
  CAF_CHECK_EQUAL(read_all(log), log.jsons);
  must_be_sound();
}

CAF_TEST(merged segments stay within their bound) {
  seal_singly(8, 30'000);
  CAF_CHECK_EQUAL(segments(), (counts{4, 4}));  // 120 kB each, a fifth would pass 128 KiB
  CAF_CHECK_EQUAL(read_all(log), log.jsons);
  must_be_sound();
}

CAF_TEST(large segments are left alone) {
  seal_singly(8, 70'000);
  CAF_CHECK_EQUAL(segments(), (counts{1, 1, 1, 1, 1, 1, 1, 1}));
  seal_singly(7, 200);
  CAF_CHECK_EQUAL(segments().size(), 15u);
  seal_singly(1, 200);
  CAF_CHECK_EQUAL(segments(), (counts{1, 1, 1, 1, 1, 1, 1, 1, 8}));
}

CAF_TEST(each session is merged by itself) {
  auto other = made("sess_b");
  for (int i = 0; i < 4; ++i) {
    seal_singly(1, 200);
    const auto append = other.append(1);
    commit({append, other.seal({{other.last(), other.last()}})});
  }
  CAF_CHECK_EQUAL(segments().size(), 8u);
}

CAF_TEST(a damaged segment is not merged and stops nothing) {
  seal_singly(7, 200);
  {
    sqlite::connection db{factory.path, {sqlite::side::writing, 256, false}};
    db.exec("UPDATE segments SET checksum=checksum+1 WHERE first_seq=3", "cannot spoil it");
  }
  seal_singly(1, 200);
  CAF_CHECK_EQUAL(segments().size(), 8u);
  CAF_CHECK_EQUAL(jsons_of(must(reader->read(log.key, 3, 8, 1 << 20))), log.range(4, 8));
}

CAF_TEST_FIXTURE_SCOPE_END()
