// SPDX-License-Identifier: Apache-2.0
// An edge in front of two servers that share a database: it has no store, and serves all the same.
#define CAF_SUITE edges
#include "test/unit/actors/support/edge_desk.hpp"
// The framework's header comes first.
#include "actors/cluster/core_client.hpp"
#include "actors/cluster/peer_gateway.hpp"

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

struct edges_fixture : linked_fixture {
  edge_member edge{sys, net};
  edge_desk desk{sys, a, edge};

  edges_fixture() {
    edge.start({"nowhere", "a"});
    for (int i = 0; i < 6; ++i) pass(500ms);
  }
  ~edges_fixture() {
    desk.stop();
    edge.stop();
  }
  bool is_edge_linked() const {
    return edge.is_linked_to(a.environment->self) && edge.is_linked_to(b.environment->self);
  }
  session_key key_of(const std::string& id) const {
    return database->rows().session_ids.at({a.workspace, id});
  }
  epoch_t epoch_of(const std::string& id) const { return database->rows().tips.at(key_of(id)).epoch; }
  cluster_member& owner_of(const std::string& id) {
    return edge.nodes().owner_of(key_of(id)) == a.environment->self ? a : b;
  }
  std::int64_t count(const gateway_actor& link, std::string_view name) {
    return a.must<actor_status>(link, describe_actor{}).of(name);
  }
  gateway_actor edge_link_to(const cluster_member& m) const {
    return edge.nodes().link_to(m.environment->self);
  }
  void must_be_sound() { CAF_CHECK_EQUAL(a.faults_found(), std::vector<std::string>{}); }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(edges_tests, edges_fixture)

CAF_TEST(an edge is told by one server of all others) {
  CAF_CHECK(is_edge_linked());
  CAF_CHECK_EQUAL(edge.secret, a.actors->token_secret());
  // It owns nothing, and nobody hands it anything.
  CAF_CHECK(is_linked());
  for (session_key k = 1; k < 100; ++k) {
    CAF_CHECK(edge.nodes().owner_of(k) != edge.nodes().self());
    CAF_CHECK_EQUAL(edge.nodes().owner_of(k), a.environment->placement->owner_of(k));
  }
}

CAF_TEST(what is sent to an edge is done by the owner) {
  const auto id = desk.create();
  const auto at = desk.look_up(id);
  std::vector<std::string> all;
  all.push_back(desk.append(at, "text"));
  const auto claimed = epoch_of(id);
  for (int i = 1; i < 5; ++i) all.push_back(desk.append(at, "text " + std::to_string(i)));
  CAF_CHECK_EQUAL(a.replay(at), all);
  auto& owner = owner_of(id);
  CAF_CHECK_EQUAL(owner.replay(owner.look_up(id)), all);
  CAF_CHECK_EQUAL(epoch_of(id), claimed);
  CAF_CHECK_EQUAL(count(edge_link_to(owner), "appends_out"), 5);
  must_be_sound();
}

CAF_TEST(what is wrong is refused as the owner says it) {
  const auto at = desk.look_up(desk.create());
  auto r = desk.sent("one");
  r.text = std::make_shared<const std::string>(
      R"({"events":[{"type":"user.message","content":[{"type":"text","text":"x"}]}],"expected_last_event_id":"evt_x"})");
  CAF_CHECK(a.must_fail<append_answer>(at, r).code == errc::conflict);
  CAF_CHECK(a.must_fail<lookup_answer>(desk.directory(), lookup_request{a.workspace, "sesn_x"}).code ==
            errc::not_found);
  CAF_CHECK(a.replay(at).empty());
}

CAF_TEST(sessions are made changed and deleted through an edge) {
  const auto id = desk.create("key");
  CAF_CHECK_EQUAL(desk.create("key"), id);
  const auto at = desk.look_up(id);
  const auto first = desk.append(at, "secret");
  const auto view = a.must<session_view>(at, desk.update(R"({"title":"another"})"));
  CAF_CHECK_EQUAL(view.header->definition->title.value_or(""), "another");
  CAF_CHECK(a.shown(at).find("another") != std::string::npos);
  const auto shown =
      a.must<event_redacted>(at, redact_event{service_bench::id_in(first), "why", nullptr}).shown;
  CAF_CHECK(shown.block->json(shown.first).find("redacted") != std::string_view::npos);
  for (const auto& json : a.replay(at)) CAF_CHECK(json.find("secret") == std::string::npos);
  CAF_CHECK(a.must_fail<event_redacted>(at, redact_event{"evt_x", "", nullptr}).code == errc::not_found);
  a.must<session_view>(at, archive_session{});
  CAF_CHECK(a.must_fail<append_answer>(at, desk.sent("late")).code == errc::invalid);
  a.must<session_deleted>(at, delete_session{true, 1});
  CAF_CHECK(a.must_fail<lookup_answer>(desk.directory(), lookup_request{a.workspace, id}).code ==
            errc::not_found);
  const auto deletion = a.must<found_deletion>(edge.reader(), find_deletion{a.workspace, id});
  CAF_CHECK(deletion.found);
  CAF_CHECK_EQUAL(deletion.record.author, 1);
  must_be_sound();
}

CAF_TEST(lists and keys come through an edge) {
  const auto id = desk.create();
  desk.append(desk.look_up(id), "text");
  auto page = a.must<session_list>(edge.reader(), a.listing());
  CAF_REQUIRE_EQUAL(page.items.size(), 1u);
  const auto all = a.all_sessions();
  CAF_CHECK_EQUAL(*page.items.front(), all.front());
  auto none = a.listing();
  none.query.agent_id = "agent_other";
  none.query.statuses = {session_status::running};
  none.query.created_gte = now_for_tests();
  CAF_CHECK(a.must<session_list>(edge.reader(), none).items.empty());
  const auto made = (*a.backend->open_admin())->create_key("default", role::client, "name", now_for_tests());
  CAF_REQUIRE(made);
  const auto found = a.must<found_key>(edge.reader(), find_key{sha256(made->secret), 0}).key;
  CAF_REQUIRE(found);
  CAF_CHECK(found->id == made->key.id && found->may == role::client && found->name == "name");
  CAF_CHECK(!a.must<found_key>(edge.reader(), find_key{digest{}, 0}).key);
}

CAF_TEST(searches come through an edge) {
  const auto id = desk.create();
  auto at = desk.look_up(id);
  for (int i = 0; i < 2; ++i) desk.append(at, "text");
  auto asked = desk.sent("");
  asked.text = std::make_shared<const std::string>(
      R"({"events":[{"type":"user.message","content":[{"type":"text","text":"x"}]}]})");
  a.must<append_answer>(at, asked);
  // Sealed, and held by neither of the two.
  for (const auto& session : {owner_of(id).look_up(id), at}) {
    caf::anon_send(session, retire_now{});
    a.run();
  }
  at = desk.look_up(id);
  const auto search = [&](std::string_view type, bool backwards) {
    search_request r;
    r.range = {0, 3, backwards};
    r.what =
        std::make_shared<const event_selection>(std::vector<std::string>{std::string{type}}, time_range{});
    return a.must<search_answer>(at, r).result;
  };
  const auto ahead = search("user.message", false);
  CAF_CHECK(ahead.found && ahead.reached == 2);
  const auto back = search("user.message", true);
  CAF_CHECK(back.found && back.reached == 3);
  const auto behind = search("agent.message", true);
  CAF_CHECK(behind.found && behind.reached == 2);
  CAF_CHECK(!search("session.usage", false).found);
}

CAF_TEST(what is written behind an edge is heard there at once and crosses once) {
  const auto id = desk.create();
  const auto at = desk.look_up(id);
  desk.append(at, "one");
  desk.follow(at);
  for (int i = 0; i < 999; ++i) {
    auto r = a.opening(0);
    r.follower = desk.thread;
    a.must<pull_answer>(at, r);
  }
  poll();
  desk.heard->events.clear();
  auto& owner = owner_of(id);
  const auto there = owner.look_up(id);
  const auto pushes = count(edge_link_to(owner), "pushes_in");
  std::vector<std::string> all;
  for (int i = 0; i < 5; ++i)
    all.push_back(desk.append(i % 2 == 0 ? at : there, "text " + std::to_string(i)));
  CAF_CHECK_EQUAL(desk.heard->jsons(), all);
  CAF_CHECK_EQUAL(count(edge_link_to(owner), "pushes_in"), pushes + 5);
  a.must<append_answer>(
      there,
      a.appending(R"({"events":[{"type":"event_start","event":{"type":"agent.message","id":"evt_1"}}]})"));
  CAF_CHECK_EQUAL(desk.heard->previews.size(), 1u);
}

CAF_TEST(another server does what the owner of a session cannot) {
  const auto id = desk.create();
  const auto at = desk.look_up(id);
  desk.append(at, "one");
  desk.follow(at);
  auto& owner = owner_of(id);
  owner.stop();
  for (const auto& end : std::exchange(net->ends, {}))
    caf::anon_send_exit(end, caf::exit_reason::remote_link_unreachable);
  a.run();
  for (int i = 0; i < 4; ++i) pass(500ms);
  const auto two = desk.append(at, "two");
  poll();
  CAF_CHECK_EQUAL(desk.heard->jsons(), std::vector{two});
  owner.start();
}

CAF_TEST(an edge without servers waits then refuses and comes back) {
  const auto id = desk.create();
  const auto at = desk.look_up(id);
  const auto one = desk.append(at, "one");
  desk.follow(at);
  cut();
  const auto waiting = a.ask<append_answer>(at, desk.sent("two", "key"));
  const auto reading = a.ask<session_view>(at, describe_request{});
  for (int i = 0; i < 4; ++i) pass(1s);
  CAF_CHECK(!waiting->answered && !reading->answered);
  pass(1100ms);
  CAF_REQUIRE(waiting->answered && reading->answered);
  CAF_CHECK(waiting->error.code == errc::unavailable && reading->error.code == errc::unavailable);
  // From now on at once.
  CAF_CHECK(a.must_fail<session_view>(at, describe_request{}).code == errc::unavailable);
  CAF_CHECK(a.must_fail<found_key>(edge.reader(), find_key{digest{}, 5}).code == errc::unavailable);
  const auto there = owner_of(id).look_up(id);
  const auto two = desk.append(there, "two");
  mend();
  CAF_CHECK(is_edge_linked());
  CAF_CHECK_EQUAL(a.replay(at), (std::vector{one, two}));
  CAF_CHECK_EQUAL(desk.heard->jsons(), std::vector{two});
  CAF_CHECK(edge.ended.empty());
}

CAF_TEST(who waits for a link is served when it is there) {
  const auto at = desk.look_up(desk.create());
  cut();
  const auto waiting = a.ask<append_answer>(at, desk.sent("one"));
  pass(1s);
  CAF_CHECK(!waiting->answered);
  net->is_cut = false;
  for (int i = 0; i < 6; ++i) pass(500ms);
  CAF_REQUIRE(waiting->answered);
  CAF_CHECK(*waiting);
  CAF_CHECK_EQUAL(a.replay(at).size(), 1u);
}

CAF_TEST(what an answer was lost of is done again only by its key) {
  const auto at = desk.look_up(desk.create());
  desk.append(at, "one");
  net->is_silent = true;
  const auto keyed = a.ask<append_answer>(at, desk.sent("with a key", "key"));
  const auto bare = a.ask<append_answer>(at, desk.sent("without"));
  for (int i = 0; i < 5; ++i) pass(500ms);
  CAF_REQUIRE(bare->answered);
  CAF_CHECK(bare->error.code == errc::unknown_outcome);
  mend();
  CAF_REQUIRE(keyed->answered && *keyed);
  CAF_CHECK_EQUAL(a.replay(at).size(), 2u);
  must_be_sound();
}

CAF_TEST(retries of a client are told by the answers that it took) {
  // The receipt is asked for across the link.
  struct never_taken final : receipt::source {
    receipt::state look() override { return receipt::state::lost; }
  } nobody;
  const auto at = desk.look_up(desk.create());
  desk.thread = sys.spawn(listening_thread, desk.heard);
  auto first = desk.sent("one");
  first.client = std::make_shared<receipt>(desk.thread, nobody);
  const auto stored = a.must<append_answer>(at, first);
  auto again = desk.sent("one");
  again.is_retry = true;
  const auto repeated = a.must<append_answer>(at, again);
  CAF_CHECK_EQUAL(repeated.stored.first_seq(), stored.stored.first_seq());
  CAF_CHECK_EQUAL(a.replay(at).size(), 1u);
}

CAF_TEST(an edge that goes leaves nothing behind) {
  const auto at = desk.look_up(desk.create());
  desk.append(at, "one");
  desk.follow(at);
  poll();
  edge.stop();
  for (const auto& end : std::exchange(net->ends, {}))
    caf::anon_send_exit(end, caf::exit_reason::remote_link_unreachable);
  mend();
  CAF_CHECK(is_linked());
  CAF_CHECK_EQUAL(a.must<known_links>(a.actors->membership(), list_links{}).links.size(), 1u);
  CAF_CHECK_EQUAL(b.must<known_links>(b.actors->membership(), list_links{}).links.size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
