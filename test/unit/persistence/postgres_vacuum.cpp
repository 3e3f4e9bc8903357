// SPDX-License-Identifier: Apache-2.0
// Where rows come and go the tables must not grow. The server's own vacuum is off here.
#define CAF_SUITE postgres_vacuum
#include "test/unit/persistence/support/postgres_factory.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

struct vacuum_fixture : store_fixture<postgres_factory> {
  std::int64_t size_of(const std::string& table) {
    return std::stoll(factory.database.sql("SELECT pg_total_relation_size('sandbase." + table + "')"));
  }
  /// Appends events and seals them all.
  void pass_through(test_log& log, int events) {
    constexpr int step = 500;
    for (int done = 0; done < events; done += step) {
      const auto first = log.last() + 1;
      commit_one(log.append(step));
      commit_one(log.seal({{first, log.last()}}));
    }
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(postgres_vacuum, vacuum_fixture)

CAF_TEST(the table of the journal stays as large as what is unsealed makes it) {
  auto log = made("sess_a");
  must(writer->checkpoint());
  CAF_CHECK(!writer->wants_checkpoint(false));
  pass_through(log, 20'000);
  CAF_CHECK(writer->wants_checkpoint(false));
  must(writer->checkpoint());
  CAF_CHECK(!writer->wants_checkpoint(true));
  const auto size = size_of("journal");
  const auto tips = size_of("tips");
  for (int i = 0; i < 3; ++i) {
    pass_through(log, 20'000);
    must(writer->checkpoint());
  }
  CAF_CHECK_LESS_OR_EQUAL(size_of("journal"), size + size / 4);
  CAF_CHECK_LESS_OR_EQUAL(size_of("tips"), tips);
}

CAF_TEST(what was erased is noted until it is vacuumed) {
  auto log = made("sess_a", 3);
  commit_one(log.seal({{1, 2}}));
  commit_one(log.erase(1));
  commit_one(log.erase(3));
  CAF_CHECK_EQUAL(factory.database.sql("SELECT count(*) FROM sandbase.erasures"), "2");
  CAF_CHECK(writer->wants_checkpoint(false));
  must(writer->checkpoint());
  CAF_CHECK(!writer->wants_checkpoint(false));
  CAF_CHECK_EQUAL(factory.database.sql("SELECT count(*) FROM sandbase.erasures"), "0");
  must_be_sound();
}

CAF_TEST_FIXTURE_SCOPE_END()
