// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE sqlite_full
#include "persistence/sqlite/roles/writer.hpp"
#include "persistence/sqlite/sql/connection.hpp"
#include "test/unit/persistence/support/sqlite_factory.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

/// A store on a disk that is nearly full: a bound on the pages of the database answers as a disk does.
struct full_fixture : store_fixture<sqlite_factory> {
  test_log log = made("sess_a", 1);

  void fill_up_to(std::int64_t pages_left, std::int64_t max_journal_bytes = default_max_unsealed_bytes) {
    writer.reset();
    sqlite::writer_options options;
    options.max_pages = pages() + pages_left;
    options.max_journal_bytes = max_journal_bytes;
    writer = must(sqlite::open_writer(factory.path, options));
    claim(log);
  }

 private:
  std::int64_t pages() const {
    sqlite::connection db{factory.path, {sqlite::side::writing, 256, false}};
    auto s = db.prepare("PRAGMA page_count");
    s.step();
    return s.integer(0);
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(sqlite_full, full_fixture)

CAF_TEST(a full disk writes nothing and says so) {
  fill_up_to(2);
  auto big = log;
  const std::vector<store_op> ops{big.append(1), big.append(1, 100'000)};
  CAF_CHECK(code_of(writer->commit(ops)) == errc::unavailable);
  claim(log);  // a writer whose append was not stored begins anew
  commit_one(log.append(1));
  reopen();
  CAF_CHECK_EQUAL(last_of(log), 2u);
  must_be_sound();
}

CAF_TEST(appends come back when room is made) {
  commit_one(log.append(1, 200'000));
  commit_one(log.seal({{1, 2}}));
  fill_up_to(1);
  auto refused = log;
  const std::vector<store_op> ops{refused.append(1, 100'000)};
  CAF_CHECK(code_of(writer->commit(ops)) == errc::unavailable);
  claim(refused);
  refused = log;
  claim(refused);
  const std::vector<store_op> again{refused.append(1, 100'000)};
  CAF_CHECK(code_of(writer->commit(again)) == errc::unavailable);
  keep_house();
  claim(log);
  commit_one(log.append(1, 100'000));
  must_be_sound();
}

CAF_TEST(appends go on without the seals that have no room) {
  commit_one(log.append(1, 200'000));
  fill_up_to(3);
  const auto seal = log.seal({{1, 2}});
  const auto append = log.append(1);
  const auto outcomes = commit({append, seal});
  CAF_CHECK(outcomes[0].error.code == errc::none);
  CAF_CHECK(outcomes[1].error.code == errc::unavailable);
  CAF_CHECK_EQUAL(row_of(log).sealed_seq, 0u);
  must_be_sound();
}

CAF_TEST(a seal that has no room is asked for again) {
  using namespace std::chrono_literals;
  commit_one(log.append(1, 200'000));
  fill_up_to(3, 240'000);
  std::chrono::steady_clock::time_point now{};
  CAF_CHECK(writer->wants_sealed(now) == std::vector{log.key});
  const auto seal = log.seal({{1, 2}});
  commit({log.append(1), seal});
  CAF_CHECK(writer->wants_sealed(now).empty());
  now += 1s;
  CAF_CHECK(writer->wants_sealed(now) == std::vector{log.key});
  CAF_MESSAGE("of a commit that fails wholly as well");
  const std::vector<store_op> alone{seal};
  CAF_CHECK(code_of(writer->commit(alone)) == errc::unavailable);
  CAF_CHECK(writer->wants_sealed(now).empty());
  now += 2s;
  CAF_CHECK(writer->wants_sealed(now) == std::vector{log.key});
  must_be_sound();
}

CAF_TEST(reading goes on while the disk is full) {
  commit_one(log.seal({{1, 1}}));
  fill_up_to(1);
  auto big = log;
  const std::vector<store_op> ops{big.append(1, 100'000)};
  CAF_CHECK(code_of(writer->commit(ops)) == errc::unavailable);
  CAF_CHECK_EQUAL(read_all(log), log.jsons);
}

CAF_TEST_FIXTURE_SCOPE_END()
