#define CAF_SUITE live_seams
#include "test/unit/http/live_fixture.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

struct fixture : live_fixture {
  /// Runs `scenario(id, k, whose)` for every number of steps k between what two parties do, until it says
  /// that there were no more than that, and for every order of the steps.
  template <class F>
  void at_every_step(F scenario) {
    for (const auto whose : all_turns) {
      std::size_t k = 0;
      while (scenario(k, whose)) ++k;
      CAF_CHECK(k > 3);
    }
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(live_seams_tests, fixture)

CAF_TEST(a stream that is asked for before an append has it once) {
  at_every_step([&](std::size_t k, turn whose) {
    const auto id = create();
    const auto s = session_of(id);
    append_text(s, "a");
    auto client = follow(id);
    const bool more = steps(k, whose);
    const auto appended = begin_append(s, events({message("b"), message("c")}));
    finish(whose);
    CAF_REQUIRE(*appended);
    settle(client);
    CAF_CHECK_EQUAL(seen(client, id), "1-3");
    CAF_REQUIRE(client.live_at);
    CAF_CHECK_EQUAL(client.history == 0 ? "start" : client.ids.at(client.history - 1), *client.live_at);
    append_text(s, "d");
    settle(client);
    CAF_CHECK_EQUAL(seen(client, id), "1-4");
    return more;
  });
}

CAF_TEST_FIXTURE_SCOPE_END()
