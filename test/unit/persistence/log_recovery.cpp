// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE log_recovery
#include "persistence/log_recovery.hpp"

#include "events/log/log_slice.hpp"
#include "test/unit/persistence/support/test_log.hpp"
#include "test/unit/support/test.hpp"

namespace {

using namespace sandbase;

/// Six events, of which two are sealed.
struct log_fixture {
  test::test_log log{"sess_1"};
  std::vector<journal_event> events;
  /// Behind each event.
  std::vector<session_progress> progress{log.header.progress};

  log_fixture() {
    for (const auto* type : {"agent.message", "session.status_running", "agent.message", "agent.message",
                             "session.status_idle", "agent.message"}) {
      events.push_back(log.make(type));
      progress.push_back(log.header.progress);
    }
  }
  session_row row(seq_t known, seq_t sealed = 2) const {
    session_row r{1, 1, log.header, sealed};
    r.header.progress = progress[known];
    return r;
  }
  std::span<const journal_event> behind(seq_t seq) const { return std::span{events}.subspan(seq); }
  static std::string error_of(const result<recovered_log>& r) { return r ? "ok" : r.error().message; }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(log_recovery, log_fixture)

CAF_TEST(wherever the header ends the log is the same) {
  for (seq_t known = 2; known <= 6; ++known) {
    CAF_MESSAGE("header as of event " << known);
    const auto recovered = recover_log(row(known), behind(2));
    CAF_REQUIRE_EQUAL(error_of(recovered), "ok");
    auto folded = recovered->header.progress;
    // Behind the header, and only there, it is told anew who appended.
    CAF_CHECK_EQUAL(folded.recent_appends.empty(), known == 6);
    if (known < 6) {
      CAF_CHECK_EQUAL(folded.recent_appends.back().author, 7);
      CAF_CHECK_EQUAL(folded.recent_appends.back().first, known + 1);
      CAF_CHECK_EQUAL(folded.recent_appends.back().last, 6u);
    }
    folded.recent_appends.clear();
    CAF_CHECK(folded == progress[6]);
    CAF_REQUIRE_EQUAL(recovered->unsealed.size(), 1u);
    const auto& block = *recovered->unsealed.front();
    CAF_CHECK_EQUAL(block.first_seq(), 3u);
    CAF_CHECK(block.head() == progress[6].tip.head);
    CAF_CHECK_EQUAL(block.encode_marks(), log.block(3, 6)->encode_marks());
    CAF_CHECK(block.frames() == log.block(3, 6)->frames());
  }
}

CAF_TEST(nothing unsealed leaves the header as it is) {
  const auto recovered = recover_log(row(6, 6), {});
  CAF_REQUIRE_EQUAL(error_of(recovered), "ok");
  CAF_CHECK(recovered->header.progress == progress[6]);
  CAF_CHECK(recovered->unsealed.empty());
}

CAF_TEST(long ends come in blocks of the size that is sealed) {
  test::test_log long_log{"sess_2"};
  std::vector<journal_event> many;
  for (int i = 0; i < 10; ++i) many.push_back(long_log.make("agent.message", sealed_block_bytes / 4));
  session_row empty{1, 1, long_log.header, 0};
  empty.header.progress = {};
  const auto recovered = recover_log(empty, many);
  CAF_REQUIRE_EQUAL(error_of(recovered), "ok");
  CAF_REQUIRE_EQUAL(recovered->unsealed.size(), 3u);
  CAF_CHECK_EQUAL(recovered->unsealed[0]->last_seq(), 4u);
  CAF_CHECK_EQUAL(recovered->unsealed[1]->last_seq(), 8u);
  CAF_CHECK_EQUAL(recovered->unsealed[2]->last_seq(), 10u);
}

CAF_TEST(an end that does not fit is refused) {
  CAF_CHECK_EQUAL(error_of(recover_log(row(1), behind(2))),
                  "session sess_1: its header is older than its last segment");
  CAF_CHECK_EQUAL(error_of(recover_log(row(6), std::span{events}.subspan(2, 3))),
                  "session sess_1: events that its header tells of are missing");
  CAF_CHECK_EQUAL(error_of(recover_log(row(2), behind(3))),
                  "session sess_1, event 3 does not fit the hash chain");
  auto other = row(4);
  other.header.progress.tip.head = progress[3].tip.head;
  CAF_CHECK_EQUAL(error_of(recover_log(other, behind(2))),
                  "session sess_1, event 4: its hash chain is not the one in the session's header");
  events[4].json = events[5].json;
  for (seq_t known = 2; known <= 4; ++known)
    CAF_CHECK_EQUAL(error_of(recover_log(row(known), behind(2))),
                    "session sess_1, event 5 does not fit the hash chain");
}

CAF_TEST_FIXTURE_SCOPE_END()
