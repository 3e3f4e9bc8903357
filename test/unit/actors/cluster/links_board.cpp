// SPDX-License-Identifier: Apache-2.0
// Who watches a workspace at one server, and what sessions do at another: over a link, and without one.
#define CAF_SUITE links_board
#include "test/unit/actors/support/linked_fixture.hpp"
// The framework's header comes first.
#include "test/unit/actors/support/watching_thread.hpp"

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

struct fixture : linked_fixture {
  std::shared_ptr<board_reading> reading = std::make_shared<board_reading>();
  fan_out_actor thread = sys.spawn(watching_thread, reading);

  ~fixture() {
    caf::anon_send_exit(thread, caf::exit_reason::user_shutdown);
    a.run();
  }
  void watch(cluster_member& at) {
    reading->board = at.actors->board();
    reading->cursor = at.must<board_watched>(at.actors->board(), watch_board{at.workspace, thread}).number;
  }
  void wait(std::chrono::milliseconds d) {
    for (; d > 0ms; d -= 50ms) pass(50ms);
  }
  std::string heard(std::chrono::milliseconds within) {
    wait(within);
    return reading->told();
  }
  std::string append(cluster_member& at, const std::string& id) {
    const auto body = at.events({at.message("x")});
    auto r = at.appending(body);
    r.text = std::make_shared<const std::string>(body);
    r.may = role::runtime;
    at.must<append_answer>(at.look_up(id), r);
    return id + ":idle";
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(links_board_tests, fixture)

CAF_TEST(what a linked server does is told within a second) {
  const auto old = b.create();
  watch(a);
  wait(1200ms);
  CAF_CHECK_EQUAL(reading->told(), "");
  CAF_CHECK_EQUAL((append(b, old), heard(1s)), old + ":idle");
  const auto made = b.create();
  CAF_CHECK_EQUAL(heard(1s), made + ":idle");
  b.must<session_deleted>(b.look_up(made), delete_session{true, 1});
  CAF_CHECK_EQUAL(heard(1s), made + ":-");
  CAF_MESSAGE("and nothing of it a second time, when the list is read again");
  CAF_CHECK_EQUAL(heard(20s), "");
}

CAF_TEST(what a server does that is not linked is told when the list is read again) {
  const auto old = b.create(), gone = b.create();
  watch(a);
  wait(2s);
  cut();
  append(b, old);
  const auto made = b.create();
  b.must<session_deleted>(b.look_up(gone), delete_session{true, 1});
  wait(10s);
  auto told = reading->told();
  for (const auto& what : {old + ":idle", made + ":idle", gone + ":-"})
    CAF_CHECK(told.find(what) != told.npos);
  CAF_MESSAGE("behind the link's end as before it");
  mend();
  reading->told();
  append(b, old);
  CAF_CHECK_EQUAL(heard(1s), old + ":idle");
}

CAF_TEST(what changes before the other server knows of who watches is not missed) {
  const auto old = b.create();
  net->is_silent = true;
  watch(a);
  append(b, old);
  net->let_go();
  CAF_CHECK_EQUAL(heard(2500ms), old + ":idle");
}

CAF_TEST(nothing crosses once nobody watches any more) {
  const auto old = b.create();
  watch(a);
  wait(1200ms);
  CAF_CHECK(b.environment->is_watched->load());
  caf::anon_send(a.actors->board(), unwatch_board{a.workspace, thread});
  wait(600ms);
  CAF_CHECK(!b.environment->is_watched->load());
  append(b, old);
  CAF_CHECK_EQUAL(heard(2s), "");
}

CAF_TEST(what one server watches does not make the other watch it in turn) {
  watch(a);
  wait(1200ms);
  CAF_CHECK_EQUAL(a.must<actor_status>(a.actors->board(), describe_actor{}).of("streams"), 1);
  CAF_CHECK_EQUAL(b.must<actor_status>(b.actors->board(), describe_actor{}).of("streams"), 1);
}

CAF_TEST(a server that is cut off is not watched for) {
  watch(a);
  wait(1200ms);
  CAF_CHECK(b.environment->is_watched->load());
  cut();
  wait(600ms);
  CAF_CHECK(!b.environment->is_watched->load());
  mend();
  wait(1200ms);
  CAF_CHECK(b.environment->is_watched->load());
  CAF_MESSAGE("nor is one that comes back when nobody watches any more");
  cut();
  caf::anon_send(a.actors->board(), unwatch_board{a.workspace, thread});
  wait(600ms);
  mend();
  wait(1200ms);
  CAF_CHECK(is_linked());
  CAF_CHECK(!b.environment->is_watched->load());
}

CAF_TEST_FIXTURE_SCOPE_END()
