// SPDX-License-Identifier: Apache-2.0
// A server that is too old for what another has made of the tables, among servers with links and edges: it
// stays, and nobody needs it.
#define CAF_SUITE outdated
#include "test/unit/actors/support/edge_desk.hpp"
// The framework's header comes first.
#include "actors/cluster/peer_gateway.hpp"
#include "test/unit/support/captured_log.hpp"

#include <algorithm>

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

struct outdated_fixture : linked_fixture {
  const failure too_new{errc::unavailable, "the tables are too new"};
  edge_member edge{sys, net};
  edge_desk desk{sys, a, edge};

  ~outdated_fixture() {
    for (auto* m : {&a, &b}) *m->faults = {};
    desk.stop();
    edge.stop();
  }
  void start_edge(std::vector<std::string> seeds) {
    edge.start(std::move(seeds));
    for (int i = 0; i < 6; ++i) pass(500ms);
  }
  node_id id_of(const cluster_member& m) const { return m.environment->self; }
  session_key key_of(const std::string& id) const {
    return database->rows().session_ids.at({a.workspace, id});
  }
  /// Of which the server is the owner.
  std::string session_of(const cluster_member& m) {
    for (int i = 0; i < 64; ++i)
      if (const auto id = a.create(); a.environment->placement->owner_of(key_of(id)) == id_of(m)) return id;
    CAF_FAIL("a server owns nothing");
  }
  /// As the store tells it.
  void outdate(cluster_member& m) {
    m.faults->every_housekeep = {errc::outdated, too_new.message};
    m.faults->every_commit = m.faults->next_claim = too_new;
    for (int i = 0; i < 6 && !m.actors->gate()->why_closed(); ++i) pass(500ms);
    CAF_REQUIRE(m.actors->gate()->why_closed());
    pass(500ms);
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(outdated_tests, outdated_fixture)

CAF_TEST(it leaves the others what it owned) {
  const auto id = session_of(a);
  const auto at_a = a.look_up(id), at_b = b.look_up(id);
  a.must<append_answer>(at_a, desk.sent("one"));
  const std::vector later{a.look_up(a.create()), a.look_up(a.create())};
  const captured_log log;
  const auto link = b.environment->placement->link_to(id_of(a));
  outdate(a);
  CAF_CHECK_EQUAL(b.environment->placement->owner_of(key_of(id)), id_of(b));
  b.must<append_answer>(at_b, desk.sent("two"));
  CAF_CHECK_EQUAL(b.must<actor_status>(link, describe_actor{}).of("appends_out"), 0);
  CAF_CHECK_EQUAL(b.replay(at_b).size(), 2u);
  CAF_MESSAGE("and has said why it is closed: what comes of that goes without");
  auto here = desk.sent("three");
  here.text = nullptr;  // as of somebody who does not know yet
  for (const auto& session : later) {
    a.faults->next_claim = too_new;
    CAF_CHECK(a.must_fail<append_answer>(session, here).code == errc::unavailable);
  }
  CAF_CHECK_EQUAL(
      std::ranges::count(log.lines(), spdlog::level::err, [](const auto& line) { return line.level; }), 1);
}

CAF_TEST(what is sent to an edge goes to the others) {
  start_edge({"a"});
  const auto id = session_of(a);
  const auto at = desk.look_up(id);
  desk.append(at, "one");
  desk.follow(at);
  outdate(a);
  const auto two = desk.append(at, "two");
  poll();
  CAF_CHECK_EQUAL(desk.heard->jsons(), std::vector{two});
  CAF_CHECK(edge.is_linked_to(id_of(b)) && !edge.is_linked_to(id_of(a)));
}

CAF_TEST(an edge that has nobody else finds another one by the addresses it was given) {
  b.stop();
  net->doors.erase("b");
  for (int i = 0; i < 24; ++i) pass(500ms);  // by then the database does not list it any more
  start_edge({"a", "b"});
  outdate(a);
  b.start();
  for (int i = 0; i < 24; ++i) pass(500ms);
  CAF_CHECK(edge.is_linked_to(id_of(b)));
  const auto at = desk.look_up(desk.create());
  desk.append(at, "one");
  CAF_CHECK_EQUAL(a.replay(at).size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
