// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE session_listing
#include "test/unit/actors/support/service_fixture.hpp"

using namespace sandbase;
using namespace sandbase::test;

CAF_TEST_FIXTURE_SCOPE(session_listing_tests, service_fixture)

CAF_TEST(a page holds so many bytes but at least one session) {
  std::vector<std::string> ids;
  for (int i = 0; i < 6; ++i) ids.push_back(create());
  auto all = listing();
  const auto size = all_sessions().at(0).size();
  for (const auto& [max_bytes, count] : std::vector<std::pair<std::size_t, std::size_t>>{
           {1, 1}, {2 * size, 2}, {3 * size - 1, 2}, {100 * size, 6}}) {
    all.max_bytes = max_bytes;
    all.query.after.reset();
    std::vector<std::string> walked;
    for (bool more = true; more;) {
      const auto page = must<session_list>(lister, all);
      CAF_REQUIRE(!page.items.empty() && page.items.size() <= count);
      for (const auto& item : page.items) walked.insert(walked.begin(), id_in(*item));
      more = page.more;
      all.query.after = page.last;
    }
    CAF_CHECK_EQUAL(walked, ids);
  }
}

CAF_TEST(large sessions are read in slices that let others in) {
  const auto note = std::string(100'000, 'x');
  for (int i = 0; i < 9; ++i)
    create(R"({"agent":"a","environment_id":"e","resources":[{"type":"file","note":")" + note + "\"}]}");
  auto listed = ask<session_list>(lister, listing());
  int steps = 0;
  for (; !listed->answered; ++steps) {
    run_without(the(lister));
    if (listed->answered) break;
    CAF_REQUIRE(sched.prioritize(lister));
    sched.run_once();
  }
  CAF_CHECK_EQUAL((*listed)->items.size(), 9u);
  CAF_CHECK_GREATER_OR_EQUAL(steps, 4);
}

CAF_TEST(who stands behind too many lists is refused and the others share what pages may hold) {
  const auto note = std::string(100'000, 'x');
  for (int i = 0; i < 30; ++i)
    create(R"({"agent":"a","environment_id":"e","resources":[{"type":"file","note":")" + note + "\"}]}");
  std::vector<std::shared_ptr<outcome<session_list>>> asked;
  for (int i = 0; i < 300; ++i) asked.push_back(ask<session_list>(lister, listing()));
  run();
  std::size_t served = 0, bytes = 0;
  for (const auto& a : asked) {
    CAF_REQUIRE(a->answered);
    if (!*a) {
      CAF_CHECK_EQUAL(static_cast<int>(a->error.code), static_cast<int>(errc::unavailable));
      continue;
    }
    ++served;
    CAF_REQUIRE(!(*a)->items.empty());
    for (const auto& item : (*a)->items) bytes += item->size();
    CAF_CHECK((*a)->more);
  }
  CAF_CHECK_EQUAL(served, 256u);
  CAF_CHECK_LESS(bytes, std::size_t{300} * 1024 * 1024);
  CAF_MESSAGE("and nobody once there is room again");
  CAF_CHECK_EQUAL(must<session_list>(lister, listing()).items.size(), 20u);
}

CAF_TEST_FIXTURE_SCOPE_END()
