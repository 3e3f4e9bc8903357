// SPDX-License-Identifier: Apache-2.0
// Sessions that two servers serve at once with a link between them: what it makes faster, and that nothing
// rests on it.
#define CAF_SUITE links
#include "test/unit/actors/support/linked_fixture.hpp"
// The framework's header comes first.
#include "actors/cluster/peer_gateway.hpp"
#include "actors/session/session.hpp"
#include "test/unit/actors/support/fake_client.hpp"
#include "test/unit/actors/support/listening_thread.hpp"

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

struct links_fixture : linked_fixture {
  std::string id;
  /// The server that owns the session by its place, and the other one.
  cluster_member* owner = nullptr;
  cluster_member* other = nullptr;
  session_actor at_owner;
  session_actor at_other;
  std::shared_ptr<heard_by_thread> heard = std::make_shared<heard_by_thread>();
  fan_out_actor thread;
  fan_out_actor clients = sys.spawn(asked_thread);

  links_fixture() { take_session(); }
  ~links_fixture() {
    if (thread) caf::anon_send_exit(thread, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(clients, caf::exit_reason::user_shutdown);
    at_owner = at_other = nullptr;
    a.run();
  }

  /// A new one.
  void take_session() {
    id = a.create();
    const bool is_as = a.environment->placement->owner_of(key()) == a.environment->self;
    owner = is_as ? &a : &b;
    other = is_as ? &b : &a;
    at_owner = owner->look_up(id);
    at_other = other->look_up(id);
  }

  session_key key() const { return database->rows().session_ids.at({a.workspace, id}); }
  epoch_t epoch() const { return database->rows().tips.at(key()).epoch; }
  node_id writer() const { return memory::node_of(database->rows().tips.at(key()).writer); }
  /// As it comes to a server that may hand it over.
  append_request sent(const std::string& text, const std::string& idempotency_key = {}) {
    const auto body = a.events({a.message(text)});
    auto r = a.appending(body, idempotency_key);
    r.text = std::make_shared<const std::string>(body);
    r.may = role::runtime;
    return r;
  }
  append_request sent_by(const fake_client& client, const std::string& text, bool is_retry = false) {
    auto r = sent(text);
    r.client = client.its;
    r.is_retry = is_retry;
    return r;
  }
  append_answer append(cluster_member& server, const session_actor& session, const std::string& text) {
    return server.must<append_answer>(session, sent(text));
  }
  void follow(cluster_member& server, const session_actor& session) {
    if (!thread) thread = sys.spawn(listening_thread, heard);
    auto r = a.opening(256 * 1024);
    r.follower = thread;
    server.must<pull_answer>(session, r);
    heard->events.clear();
  }
  /// The gateway of one server to the other.
  gateway_actor link_of(const cluster_member& at) const {
    const auto& peer = at.environment == a.environment ? b : a;
    return at.environment->placement->link_to(peer.environment->self);
  }
  std::int64_t count(const gateway_actor& link, std::string_view name) {
    return a.must<actor_status>(link, describe_actor{}).of(name);
  }
  std::int64_t count(const cluster_member& at, std::string_view name) { return count(link_of(at), name); }
  void must_be_sound() {
    CAF_CHECK_EQUAL(a.faults_found(), std::vector<std::string>{});
    CAF_CHECK_EQUAL(owner->replay(at_owner), other->replay(at_other));
  }
};

std::string json_of(const append_answer& answer) {
  const auto& span = answer.stored.spans.front();
  return std::string{span.block->json(span.first)};
}

}  // namespace

CAF_TEST_FIXTURE_SCOPE(links_tests, links_fixture)

CAF_TEST(two servers find each other) { CAF_CHECK(is_linked()); }

CAF_TEST(appends go to the owner wherever they come) {
  append(*owner, at_owner, "one");
  const auto claimed = epoch();
  std::vector<std::string> all{owner->replay(at_owner)};
  for (int i = 0; i < 6; ++i) {
    const auto answer = i % 2 == 0 ? append(*other, at_other, "other") : append(*owner, at_owner, "own");
    all.push_back(json_of(answer));
  }
  CAF_CHECK_EQUAL(epoch(), claimed);
  CAF_CHECK_EQUAL(owner->replay(at_owner), all);
  CAF_CHECK_EQUAL(count(*other, "appends_out"), 3);
  must_be_sound();
}

CAF_TEST(what the owner refuses is refused as it says) {
  append(*owner, at_owner, "one");
  auto r = sent("two");
  r.request->has_expected_last_id = true;
  r.text = std::make_shared<const std::string>(
      R"({"events":[{"type":"user.message","content":[{"type":"text","text":"x"}]}],"expected_last_event_id":null})");
  const auto why = other->must_fail<append_answer>(at_other, r);
  CAF_CHECK(why.code == errc::conflict);
  CAF_CHECK_EQUAL(owner->replay(at_owner).size(), 1u);
}

CAF_TEST(a session that has ended at its owner is found there again) {
  append(*other, at_other, "one");
  owner->let_fail(caf::actor_cast<caf::strong_actor_ptr>(at_owner));
  append(*other, at_other, "two");
  CAF_CHECK_EQUAL(count(*owner, "appends_in"), 2);
  CAF_CHECK_EQUAL(writer(), owner->environment->self);
  at_owner = owner->look_up(id);
  must_be_sound();
  CAF_CHECK_EQUAL(owner->replay(at_owner).size(), 2u);
}

CAF_TEST(a key that was used comes back with what it stood for) {
  const auto first = json_of(other->must<append_answer>(at_other, sent("one", "key")));
  const auto again = owner->must<append_answer>(at_owner, sent("one", "key"));
  CAF_CHECK(again.replayed);
  CAF_CHECK_EQUAL(json_of(again), first);
  const auto once_more = other->must<append_answer>(at_other, sent("one", "key"));
  CAF_CHECK(once_more.replayed);
  CAF_CHECK_EQUAL(json_of(once_more), first);
  CAF_CHECK(other->must_fail<append_answer>(at_other, sent("two", "key")).code == errc::conflict);
  must_be_sound();
}

CAF_TEST(an SDK may try again at any server) {
  append(*owner, at_owner, "one");
  fake_client first{clients}, second{clients}, third{clients};
  const auto stored = json_of(other->must<append_answer>(at_other, sent_by(first, "two")));
  first.now = receipt::state::lost;
  const auto again = owner->must<append_answer>(at_owner, sent_by(second, "two", true));
  CAF_CHECK(again.replayed);
  CAF_CHECK_EQUAL(json_of(again), stored);
  CAF_CHECK_EQUAL(first.looks, 1);
  second.now = receipt::state::lost;
  const auto once_more = other->must<append_answer>(at_other, sent_by(third, "two", true));
  CAF_CHECK(once_more.replayed);
  CAF_CHECK_EQUAL(json_of(once_more), stored);
  CAF_CHECK_EQUAL(owner->replay(at_owner).size(), 2u);
  must_be_sound();
}

CAF_TEST(what its client has taken at another server is appended anew) {
  fake_client first{clients}, second{clients};
  other->must<append_answer>(at_other, sent_by(first, "one"));
  first.now = receipt::state::taken;
  CAF_CHECK(!owner->must<append_answer>(at_owner, sent_by(second, "one", true)).replayed);
  CAF_CHECK_EQUAL(first.looks, 1);
  CAF_CHECK_EQUAL(owner->replay(at_owner).size(), 2u);
}

CAF_TEST(what was answered over a link that has ended is asked for over the next one) {
  fake_client first{clients}, second{clients};
  other->must<append_answer>(at_other, sent_by(first, "one"));
  first.now = receipt::state::taken;
  cut();
  const auto meant_anew = owner->ask<append_answer>(at_owner, sent_by(second, "one", true));
  a.run();
  CAF_CHECK(!meant_anew->answered);
  net->is_cut = false;
  for (int i = 0; i < 4 && !meant_anew->answered; ++i) pass(500ms);
  CAF_REQUIRE(meant_anew->answered && *meant_anew);
  CAF_CHECK(!meant_anew->value->replayed);
  CAF_CHECK_EQUAL(first.looks, 1);
  CAF_CHECK_EQUAL(owner->replay(at_owner).size(), 2u);
  must_be_sound();
}

CAF_TEST(and so is what was being asked for when it ended) {
  fake_client first{clients}, second{clients};
  other->must<append_answer>(at_other, sent_by(first, "one"));
  first.now = receipt::state::taken;
  net->is_silent = true;
  const auto meant_anew = owner->ask<append_answer>(at_owner, sent_by(second, "one", true));
  a.run();
  net->held.clear();
  cut();
  net->is_cut = net->is_silent = false;
  for (int i = 0; i < 4 && !meant_anew->answered; ++i) pass(500ms);
  CAF_REQUIRE(meant_anew->answered && *meant_anew);
  CAF_CHECK(!meant_anew->value->replayed);
  CAF_CHECK_EQUAL(owner->replay(at_owner).size(), 2u);
  must_be_sound();
}

CAF_TEST(whose server does not come back has not taken its answer) {
  fake_client first{clients}, second{clients};
  const auto stored = json_of(other->must<append_answer>(at_other, sent_by(first, "one")));
  cut();
  const auto again = owner->ask<append_answer>(at_owner, sent_by(second, "one", true));
  for (int i = 0; i < 12; ++i) pass(500ms);
  CAF_REQUIRE(again->answered && *again);
  CAF_CHECK(again->value->replayed);
  CAF_CHECK_EQUAL(json_of(*again->value), stored);
  CAF_CHECK_EQUAL(first.looks, 0);
  must_be_sound();
}

CAF_TEST(what was not answered when the link ended is matched at once) {
  append(*owner, at_owner, "one");
  fake_client first{clients}, second{clients};
  const auto lost = other->ask<append_answer>(at_other, sent_by(first, "two"));
  a.run_up_to<session>();
  owner->run_without(service_bench::the(at_owner));
  cut();
  // No time passes.
  owner->must<append_answer>(at_owner, sent_by(second, "two", true));
  CAF_CHECK(lost->answered && lost->error.code == errc::unknown_outcome);
  CAF_CHECK_EQUAL(owner->replay(at_owner).size(), 2u);
  must_be_sound();
}

CAF_TEST(what its own repetition has overtaken is not stored) {
  append(*owner, at_owner, "one");
  fake_client first{clients}, second{clients}, third{clients};
  net->is_silent = true;
  const auto late = other->ask<append_answer>(at_other, sent_by(first, "two"));
  a.run();
  CAF_MESSAGE("its client gives up and goes to the other server");
  first.now = receipt::state::lost;
  CAF_CHECK(!owner->must<append_answer>(at_owner, sent_by(second, "two", true)).replayed);
  second.now = receipt::state::taken;
  net->let_go();
  a.run();
  CAF_CHECK(late->answered && !*late);
  CAF_CHECK_EQUAL(owner->replay(at_owner).size(), 2u);
  CAF_MESSAGE("somebody waits for this one");
  other->must<append_answer>(at_other, sent_by(third, "two"));
  CAF_CHECK_EQUAL(owner->replay(at_owner).size(), 3u);
  CAF_CHECK_EQUAL(third.looks, 1);
  must_be_sound();
}

CAF_TEST(who knows a session that is opened again finds it) {
  append(*owner, at_owner, "one");
  database->copy_all();
  append(*owner, at_owner, "lost");
  other->replay(at_other);
  // What is out may be so for longer than anybody should wait for the session.
  net->is_silent = true;
  fake_client first{clients}, second{clients};
  const auto out = other->ask<append_answer>(at_other, sent_by(first, "two"));
  a.run();
  CAF_REQUIRE_EQUAL(database->lose_tail(1), 1u);
  known_sessions known;
  known.keep(key(), at_other);
  std::vector<seq_t> found;
  const auto asks = [&](caf::event_based_actor* me, const directory_actor& directory) {
    const auto once = [&, me, directory](const auto& self) -> void {
      ask_known_session<pull_answer>(
          me, known, key(), directory, lookup_request{a.workspace, id}, caf::infinite, a.opening(1 << 20),
          [&](const pull_answer& answer) { found.push_back(answer.slice.last_seq()); },
          [&, self](const caf::error&) {
            if (found.size() < 2) found.push_back(0), self(self);
          });
    };
    once(once);
  };
  sys.spawn(asks, other->directory);
  a.run();
  CAF_CHECK_EQUAL(found, (std::vector<seq_t>{0, 1}));
  CAF_REQUIRE(out->answered);
  CAF_CHECK(out->error.code == errc::unknown_outcome);
  CAF_MESSAGE("its client has taken that, which does not tell it what became of the append");
  first.now = receipt::state::taken;
  owner->must_fail<pull_answer>(at_owner, a.opening(1 << 20));  // it finds out too
  net->let_go();
  a.run();
  CAF_CHECK(other->must<append_answer>(other->look_up(id), sent_by(second, "two", true)).replayed);
  at_owner = owner->look_up(id);
  at_other = other->look_up(id);
  CAF_CHECK_EQUAL(owner->replay(at_owner).size(), 2u);
  must_be_sound();
}

CAF_TEST(what the owner writes is heard elsewhere at once) {
  append(*owner, at_owner, "one");
  follow(*other, at_other);
  poll();  // which tells who writes
  heard->events.clear();
  std::vector<std::string> all;
  for (int i = 0; i < 5; ++i) all.push_back(json_of(append(*owner, at_owner, "text " + std::to_string(i))));
  CAF_CHECK_EQUAL(heard->jsons(), all);
  CAF_CHECK_EQUAL(count(*owner, "followed_sessions"), 1);
  must_be_sound();
}

CAF_TEST(what is appended elsewhere is heard there at once) {
  append(*owner, at_owner, "one");
  follow(*other, at_other);
  heard->events.clear();
  const auto answer = append(*other, at_other, "two");  // which tells who writes
  const auto next = append(*other, at_other, "three");
  CAF_CHECK_EQUAL(heard->jsons(), (std::vector{json_of(answer), json_of(next)}));
}

CAF_TEST(an event crosses once however many streams wait) {
  append(*owner, at_owner, "one");
  follow(*other, at_other);
  for (int i = 0; i < 99; ++i) {
    auto r = a.opening(0);
    r.follower = thread;
    other->must<pull_answer>(at_other, r);
  }
  poll();
  const auto pushed = count(*owner, "pushes_out");
  append(*owner, at_owner, "two");
  CAF_CHECK_EQUAL(count(*owner, "pushes_out"), pushed + 1);
}

CAF_TEST(nobody follows any more then nothing crosses) {
  append(*owner, at_owner, "one");
  follow(*other, at_other);
  poll();
  caf::anon_send(at_other, unfollow{thread});
  a.run();
  CAF_CHECK_EQUAL(count(*owner, "followed_sessions"), 0);
  const auto pushed = count(*owner, "pushes_out");
  append(*owner, at_owner, "two");
  CAF_CHECK_EQUAL(count(*owner, "pushes_out"), pushed);
}

CAF_TEST(status definition erasures and the end of a session cross) {
  append(*owner, at_owner, "secret");
  follow(*other, at_other);
  poll();
  auto update = std::make_shared<update_request>();
  update->has_title = true;
  update->title = "another";
  owner->must<session_view>(at_owner, update_session{update, nullptr});
  CAF_CHECK(other->shown(at_other).find("another") != std::string::npos);
  const auto first = std::string{R"("id":")"};
  const auto line = owner->replay(at_owner).front();
  const auto at = line.find(first) + first.size();
  owner->must<event_redacted>(at_owner, redact_event{line.substr(at, line.find('"', at) - at), "", nullptr});
  CAF_CHECK_EQUAL(other->replay(at_other), owner->replay(at_owner));
  for (const auto& json : other->replay(at_other)) CAF_CHECK(json.find("secret") == std::string::npos);
  owner->must<session_view>(at_owner, archive_session{});
  CAF_CHECK(heard->events.back().state == log_state::archived);
  owner->must<session_deleted>(at_owner, delete_session{});
  CAF_CHECK(heard->events.back().state == log_state::deleted);
}

CAF_TEST(previews cross) {
  append(*owner, at_owner, "one");
  follow(*other, at_other);
  poll();
  auto r = owner->appending(
      R"({"events":[{"type":"event_start","event":{"type":"agent.message","id":"evt_1"}}]})");
  owner->must<append_answer>(at_owner, r);
  CAF_REQUIRE_EQUAL(heard->previews.size(), 1u);
  CAF_CHECK_EQUAL(heard->previews.front().what.size(), 1u);
  CAF_CHECK_EQUAL(heard->previews.front().end, 1u);
}

CAF_TEST(who does not acknowledge catches up later) {
  append(*owner, at_owner, "one");
  follow(*other, at_other);
  poll();
  heard->acknowledges = false;
  for (int i = 0; i < 10; ++i) append(*owner, at_owner, "text");
  CAF_CHECK_EQUAL(heard->events.size(), static_cast<std::size_t>(max_unacknowledged));
  CAF_CHECK_EQUAL(other->replay(at_other), owner->replay(at_owner));
  heard->acknowledges = true;
  for (int i = 0; i < max_unacknowledged; ++i) caf::anon_send(at_other, published_ack{thread, false});
  a.run();
  CAF_CHECK_EQUAL(heard->events.back().end, 11u);
}

CAF_TEST(a server tells of its links and of what it is at) {
  append(*owner, at_owner, "one");
  follow(*other, at_other);
  poll();
  const auto page = other->must<collected_status>(other->actors->status(), collect_status{}).json;
  CAF_CHECK(page.find("\"name\":\"peer_gateway " + owner->own.name + "\"") != std::string::npos);
  pass(600ms);
  const auto told = [&](const cluster_member& m) {
    return database->nodes().at(static_cast<memory::writer_id>(m.environment->self)).report;
  };
  CAF_CHECK((told(*owner) == node_report{1, 1, 0, 0, 1}));
  CAF_CHECK((told(*other) == node_report{0, 1, 1, 1, 1}));
}

// --- links that end ------------------------------------------------------------------------------------

CAF_TEST(without a link each server does it itself) {
  append(*owner, at_owner, "one");
  cut();
  CAF_CHECK(!is_linked());
  append(*other, at_other, "two");
  append(*owner, at_owner, "three");
  must_be_sound();
  CAF_CHECK_EQUAL(owner->replay(at_owner).size(), 3u);
  mend();
  CAF_CHECK(is_linked());
  const auto before = epoch();
  append(*other, at_other, "four");
  append(*owner, at_owner, "five");
  CAF_CHECK(epoch() <= before + 1);
  must_be_sound();
}

CAF_TEST(what is followed is polled less often while its writer tells) {
  append(*owner, at_owner, "one");
  follow(*other, at_other);
  poll();
  const auto looks_in_four_seconds = [this] {
    int looks = 0;
    other->link().fault = [&looks](memory::store_call call) {
      looks += call == memory::store_call::read ? 1 : 0;
      return memory::link_fault::none;
    };
    for (int i = 0; i < 16; ++i) pass(250ms);
    other->link().fault = nullptr;
    return looks;
  };
  CAF_CHECK_EQUAL(looks_in_four_seconds(), 2);
  cut();
  CAF_CHECK_EQUAL(looks_in_four_seconds(), 16);
}

CAF_TEST(streams go on when the link ends) {
  append(*owner, at_owner, "one");
  follow(*other, at_other);
  poll();
  cut();
  heard->events.clear();
  const auto two = json_of(append(*owner, at_owner, "two"));
  poll();
  CAF_CHECK_EQUAL(heard->jsons(), std::vector{two});
  mend();
  heard->events.clear();
  const auto three = json_of(append(*owner, at_owner, "three"));
  poll();
  const auto four = json_of(append(*owner, at_owner, "four"));
  CAF_CHECK_EQUAL(heard->jsons(), (std::vector{three, four}));
  CAF_CHECK_EQUAL(count(*owner, "followed_sessions"), 1);
}

CAF_TEST(who cannot push is not asked again and again) {
  append(*owner, at_owner, "one");
  follow(*other, at_other);
  poll();
  owner->link().is_up = false;  // so that it does not find the session again
  caf::anon_send_exit(at_owner, caf::exit_reason::kill);
  at_owner = nullptr;
  const auto frames = net->frames;
  for (int turns = 0; turns < 1'000 && sched.try_run_once(); ++turns) continue;
  CAF_CHECK(sched.jobs.empty());
  CAF_CHECK(net->frames - frames <= 4);
  owner->link().is_up = true;
  pass(1s);
  heard->events.clear();
  at_owner = owner->look_up(id);
  const auto two = json_of(append(*owner, at_owner, "two"));
  poll();
  const auto three = json_of(append(*owner, at_owner, "three"));
  CAF_CHECK_EQUAL(heard->jsons(), (std::vector{two, three}));
  CAF_CHECK_EQUAL(count(*owner, "followed_sessions"), 1);
}

CAF_TEST(a link that carries nothing is dead after two seconds) {
  append(*owner, at_owner, "one");
  net->is_silent = true;
  const auto keyed = other->ask<append_answer>(at_other, sent("with a key", "key"));
  const auto bare = other->ask<append_answer>(at_other, sent("without"));
  a.run();
  CAF_CHECK(!keyed->answered && !bare->answered);
  for (int i = 0; i < 5; ++i) pass(500ms);
  CAF_REQUIRE(keyed->answered && bare->answered);
  CAF_CHECK(*keyed);
  CAF_CHECK(bare->error.code == errc::unknown_outcome);
  must_be_sound();
  CAF_CHECK_EQUAL(owner->replay(at_owner).size(), 2u);
  mend();
  CAF_CHECK(is_linked());
}

CAF_TEST(what was answered into a link that carries nothing is done once) {
  append(*owner, at_owner, "one");
  // It reaches the owner, whose answer is lost.
  const auto keyed = other->ask<append_answer>(at_other, sent("two", "key"));
  a.run_up_to<session>();
  owner->run_without(service_bench::each<peer_gateway>());
  net->is_silent = true;
  a.run();
  for (int i = 0; i < 5; ++i) pass(500ms);
  CAF_REQUIRE(keyed->answered && *keyed);
  must_be_sound();
  CAF_CHECK_EQUAL(owner->replay(at_owner).size(), 2u);
}

CAF_TEST(a link that is begun twice is begun again at both ends) {
  // Of the server that was dialed: the one that takes greetings at its door.
  while (owner->environment->self < other->environment->self) take_session();
  append(*owner, at_owner, "one");
  const auto answer = other->ask<append_answer>(at_other, sent("two"));
  for (const auto frames = net->frames; net->frames == frames;) sched.run_once();
  // The first greeting of the one that dialed was slow, and it has greeted again.
  const auto& door = net->doors.at(owner->own.address);
  const peer::hello again{peer::protocol, other->environment->self, other->own.name, false};
  caf::send_as(net->ends.front(), door, peer_frame{urgent_frame(again)});
  a.run();
  CAF_REQUIRE(answer->answered);
  CAF_CHECK(answer->error.code == errc::unknown_outcome);
  CAF_CHECK(is_linked());
  append(*other, at_other, "three");
  must_be_sound();
}

CAF_TEST(what nobody can find out is not refused as if it were not stored) {
  append(*owner, at_owner, "one");
  // The owner stores it, its answer is lost, and the database does not let the other server look.
  const auto keyed = other->ask<append_answer>(at_other, sent("two", "key"));
  a.run_up_to<session>();
  owner->run_without(service_bench::each<peer_gateway>());
  net->is_silent = true;
  other->link().fault = [](memory::store_call) { return memory::link_fault::refused; };
  a.run();
  for (int i = 0; i < 5; ++i) pass(500ms);
  CAF_REQUIRE(keyed->answered && !*keyed);
  CAF_CHECK(keyed->error.code == errc::unknown_outcome);
  other->link().fault = nullptr;
  mend();
  must_be_sound();
}

CAF_TEST(a writer learns from who has taken its place) {
  append(*owner, at_owner, "one");
  follow(*owner, at_owner);
  auto here = sent("two");
  here.text = nullptr;  // as of a server that cannot hand it over
  other->must<append_answer>(at_other, here);
  // No time has passed: nothing was polled.
  CAF_CHECK_EQUAL(heard->events.back().end, 2u);
  must_be_sound();
}

CAF_TEST(who leaves is asked for nothing any more) {
  append(*owner, at_owner, "one");
  const auto from_owner = link_of(*owner), from_other = link_of(*other);
  owner->actors->leave_cluster();
  a.run();
  append(*other, at_other, "two");
  CAF_CHECK_EQUAL(count(from_other, "appends_out"), 0);
  append(*owner, at_owner, "three");
  CAF_CHECK_EQUAL(count(from_owner, "appends_out"), 1);  // it hands over what comes to it
  must_be_sound();
}

CAF_TEST(a gateway that fails is replaced) {
  append(*owner, at_owner, "one");
  follow(*other, at_other);
  poll();
  other->let_fail(caf::actor_cast<caf::strong_actor_ptr>(link_of(*other)));
  append(*owner, at_owner, "two");
  mend();
  CAF_CHECK(is_linked());
  append(*owner, at_owner, "three");
  poll();
  CAF_CHECK_EQUAL(heard->events.back().end, 3u);
  must_be_sound();
}

CAF_TEST(a server that dies is missed by nobody) {
  append(*owner, at_owner, "one");
  follow(*other, at_other);
  poll();
  at_owner = nullptr;
  const bool is_a = owner == &a;
  (is_a ? a : b).stop();
  cut();
  heard->events.clear();
  const auto two = json_of(append(*other, at_other, "two"));
  CAF_CHECK_EQUAL(heard->jsons(), std::vector{two});
  owner->start();
  mend();
  CAF_CHECK(is_linked());
  at_owner = owner->look_up(id);
  must_be_sound();
}

CAF_TEST_FIXTURE_SCOPE_END()
