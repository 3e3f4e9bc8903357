#define CAF_SUITE session_listing
#include "test/unit/support/service_fixture.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

struct listing_fixture : service_fixture {
  /// Runs everything that can run without the reader.
  void run_all_but_the_reader() {
    const auto* const held = dynamic_cast<caf::resumable*>(caf::actor_cast<caf::abstract_actor*>(reader));
    for (;;) {
      const auto next = std::ranges::find_if(sched.jobs, [=](const auto* job) { return job != held; });
      if (next == sched.jobs.end()) return;
      std::iter_swap(sched.jobs.begin(), next);
      sched.run_once();
    }
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(session_listing_tests, listing_fixture)

CAF_TEST(a page whose sessions are deleted meanwhile is not the end of the list) {
  const auto oldest = create();
  const auto middle = look_up(create());
  const auto newest = look_up(create());
  for (const auto& s : {middle, newest}) append_text(s, "more than the row tells: it is read again");
  list_sessions one;
  one.query.workspace = workspace;
  one.query.limit = 1;
  auto listed = ask<session_list>(reader, one);
  run_all_but_the_reader();
  CAF_MESSAGE("the rows are read, then their sessions go");
  CAF_REQUIRE(sched.prioritize(reader));
  sched.run_once();
  auto first_gone = ask<session_deleted>(newest, delete_session{true});
  auto second_gone = ask<session_deleted>(middle, delete_session{true});
  run_all_but_the_reader();
  CAF_CHECK(!listed->answered);
  run();
  CAF_CHECK(*first_gone);
  CAF_CHECK(*second_gone);
  CAF_REQUIRE(*listed);
  CAF_REQUIRE_EQUAL((*listed)->rows.size(), 1u);
  CAF_CHECK_EQUAL((*listed)->rows.front()->header.definition.id, oldest);
  CAF_CHECK(!(*listed)->more);
}

CAF_TEST_FIXTURE_SCOPE_END()
