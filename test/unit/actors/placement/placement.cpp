// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE placement
#include "test/unit/support/test.hpp"
// The framework's header comes first.
#include "actors/messages/all.hpp"
#include "actors/node/system_config.hpp"
#include "actors/placement/placement.hpp"

#include <map>
#include <memory>
#include <set>
#include <vector>

using namespace sandbase;

namespace {

constexpr session_key sessions = 20'000;

gateway_actor::behavior_type some_gateway(gateway_actor::pointer) {
  return {
      [](const published&) {},
      [](const previewed&) {},
      [](const board_moved&) {},
      [](const watched_workspaces&) {},
      [](const describe_actor&) {
        return actor_status{"fake", {}};
      },
      [](const receipt_query&) { return receipt_told{}; },
      [](const forward_append&) { return append_answer{}; },
      [](const ask_core&) { return core_told{}; },
      [](const change_session&) { return session_changed{}; },
      [](const mirror_session&) {},
      [](const unmirror_session&) {},
      [](const mirror_taken&) {},
      [](const tell_claimed&) {},
      [](const peer_frame&) {},
      [](const link_made&) {},
      [](const leave_cluster&) {},
      [](const cluster_view&) {},
      [](const gateway_flush&) {},
      [](const gateway_tick&) {},
  };
}

struct placement_fixture : test_coordinator_fixture<system_config> {
  gateway_actor link = sys.spawn(some_gateway);

  ~placement_fixture() {
    caf::anon_send_exit(link, caf::exit_reason::user_shutdown);
    sched.run();
  }
  /// What node `self` thinks.
  std::shared_ptr<placement> view_of(node_id self, const std::set<node_id>& nodes) const {
    std::vector<placement::node> all;
    for (const auto id : nodes) all.push_back({id, id == self ? gateway_actor{} : link});
    auto p = std::make_shared<placement>(self);
    p->set(std::move(all));
    return p;
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(placement_tests, placement_fixture)

CAF_TEST(all nodes agree on who owns what) {
  const std::set<node_id> nodes{256, 512, 7'168};
  const auto first = view_of(256, nodes), second = view_of(7'168, nodes);
  for (session_key s = 1; s <= sessions; ++s) CAF_REQUIRE_EQUAL(first->owner_of(s), second->owner_of(s));
}

CAF_TEST(each node owns about its share) {
  const std::set<node_id> nodes{256, 512, 768, 1024, 1280};
  const auto view = view_of(256, nodes);
  std::map<node_id, int> owned;
  for (session_key s = 1; s <= sessions; ++s) ++owned[view->owner_of(s)];
  CAF_CHECK_EQUAL(owned.size(), nodes.size());
  // A fifth, with a standard deviation of 57.
  for (const auto& [id, count] : owned) CAF_CHECK(count > 4'000 - 300 && count < 4'000 + 300);
}

CAF_TEST(who comes takes its share and nothing else moves) {
  const auto before = view_of(256, {256, 512, 768}), after = view_of(256, {256, 512, 768, 1024});
  int moved = 0;
  for (session_key s = 1; s <= sessions; ++s) {
    if (before->owner_of(s) == after->owner_of(s)) continue;
    ++moved;
    CAF_REQUIRE_EQUAL(after->owner_of(s), 1024);
  }
  CAF_CHECK(moved > 5'000 - 350 && moved < 5'000 + 350);
}

CAF_TEST(what one leaves goes to the others and nothing else moves) {
  const auto before = view_of(256, {256, 512, 768, 1024}), after = view_of(256, {256, 768, 1024});
  std::map<node_id, int> taken;
  for (session_key s = 1; s <= sessions; ++s) {
    if (before->owner_of(s) == 512)
      ++taken[after->owner_of(s)];
    else
      CAF_REQUIRE_EQUAL(before->owner_of(s), after->owner_of(s));
  }
  for (const auto& [id, count] : taken) CAF_CHECK(count > 1'667 - 250 && count < 1'667 + 250);
}

CAF_TEST(who cannot be reached owns nothing) {
  placement p{256};
  p.set({{256, {}}, {512, {}}});
  for (session_key s = 1; s <= 100; ++s) {
    CAF_CHECK_EQUAL(p.owner_of(s), 256);
    CAF_CHECK(!p.link_to_owner(s));
  }
  CAF_CHECK(!p.is_linked_to_all());
  CAF_CHECK(!p.link_to(512));
}

CAF_TEST(a node that stops owns nothing of its own view) {
  const auto p = view_of(256, {512});
  for (session_key s = 1; s <= 100; ++s) CAF_CHECK(p->link_to_owner(s) == link);
}

CAF_TEST_FIXTURE_SCOPE_END()
