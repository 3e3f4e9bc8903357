// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE sqlite_sharing
#include "test/unit/persistence/support/sqlite_factory.hpp"

using namespace sandbase;
using namespace sandbase::test;

CAF_TEST_FIXTURE_SCOPE(sqlite_sharing, store_fixture<sqlite_factory>)

CAF_TEST(readers of the same history share its blocks while one holds them) {
  auto log = made("sess_a");
  for (int i = 0; i < 3; ++i) {
    const auto append = log.append(2, 70'000);
    commit({append, log.seal({{log.last() - 1, log.last()}})});
  }
  auto first = must(reader->read(log.key, 0, log.last(), 1));
  const auto* block = first.spans.front().block.get();
  auto second = must(reader->read(log.key, 1, log.last(), 300'000));
  CAF_CHECK_EQUAL(second.spans.size(), 3u);
  CAF_CHECK(second.spans.front().block.get() == block);
  CAF_CHECK_EQUAL(second.first_seq(), 2u);
  const std::weak_ptr<const log_block> watched = first.spans.front().block;
  first = {};
  CAF_CHECK(!watched.expired());
  auto backwards = must(reader->read_back(log.key, 1, 3, 300'000));
  CAF_CHECK(backwards.spans.front().block.get() == block);
  second = backwards = {};
  CAF_MESSAGE("the reader itself holds none");
  CAF_CHECK(watched.expired());
  CAF_CHECK_EQUAL(read_all(log), log.jsons);
}

CAF_TEST(a list tells of one moment of each session that moves on while it is read) {
  auto moving = made("sess_a", 1);
  auto sealed = made("sess_b", 1);
  const auto leaving = made("sess_c", 1);
  session_query query;
  query.workspace = workspace;
  query.ascending = true;
  bool has_read_first = false;
  const auto page = must(reader->list_sessions(query, [&] {
    if (std::exchange(has_read_first, true)) return false;
    auto runs = moving.append_nothing();
    moving.add(runs, moving.make("session.status_running"));
    runs.header = moving.shared_header();
    const auto append = sealed.append(2);
    commit({runs, append, sealed.seal({{1, 3}})});
    commit_one(delete_op{leaving.key, leaving.epoch});
    return false;
  }));
  CAF_REQUIRE_EQUAL(page.rows.size(), 2u);
  const auto& first = page.rows.front().header.progress;
  CAF_CHECK_EQUAL(first.tip.last_seq, 2u);
  CAF_CHECK(first.status == session_status::running);
  CAF_CHECK_EQUAL(page.rows.back().header.progress.tip.last_seq, 3u);
}

CAF_TEST_FIXTURE_SCOPE_END()
