// SPDX-License-Identifier: Apache-2.0
// Sessions of two servers whose database loses its last commits, as when a standby takes over that lacks
// them.
#define CAF_SUITE session_failover
#include "test/unit/actors/support/shared_session.hpp"
#include "test/unit/support/captured_log.hpp"

using namespace sandbase;
using namespace sandbase::test;
using memory::link_fault;
using memory::store_call;

namespace {

/// More than a session's tail seals at once.
const std::string large(70'000, 'x');

struct failover_fixture : shared_fixture {
  void lose(std::size_t commits) { CAF_REQUIRE_EQUAL(database->lose_tail(commits), commits); }
  /// Becomes the writer and appends nothing.
  void claim(cluster_member& server, const session_actor& session) {
    caf::anon_send(session, seal_wanted{});
    server.run();
  }
  /// Carries out `f` just before the nth read of a server from now on.
  void before_read(cluster_member& server, int nth, std::function<void()> f) {
    server.link().fault = [this, nth, f = std::move(f), reads = 0](store_call call) mutable {
      if (call == store_call::read && ++reads == nth) f();
      return link_fault::none;
    };
  }
  /// Once everybody has looked both show the same, and the store is sound.
  void must_be_one() {
    a.link().fault = b.link().fault = nullptr;
    for (int i = 0; i < 100; ++i) poll();
    at_a = a.look_up(id);
    at_b = b.look_up(id);
    must_be_sound();
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(session_failover_tests, failover_fixture)

CAF_TEST(what the database has lost is not shown as if it followed) {
  a.append_text(at_a, "one");
  database->copy_all();
  a.append_text(at_a, "lost");
  b.replay(at_b);
  follow(b, at_b);
  CAF_REQUIRE_GREATER(database->lose_tail(1), 0u);
  CAF_MESSAGE("another event stands in its place");
  const auto fresh = a.must_fail<append_answer>(at_a, a.appending(body("other")));
  CAF_CHECK(fresh.code == errc::unavailable);
  a.append_text(a.look_up(id), "other");
  poll();
  CAF_CHECK_EQUAL(heard_ends(), std::vector<seq_t>{});
  CAF_CHECK_EQUAL(b.replay(b.look_up(id)), a.replay(a.look_up(id)));
}

CAF_TEST(a writer does not go on behind what the database has lost) {
  a.append_text(at_a, "one");
  database->copy_all();
  a.append_text(at_a, "lost");
  follow(a, at_a);
  CAF_REQUIRE_GREATER(database->lose_tail(1), 0u);
  CAF_MESSAGE("by now the log is longer than it was");
  b.append_text(at_b, "other");
  b.append_text(at_b, "another");
  const captured_log log;
  const auto fresh = a.must_fail<append_answer>(at_a, a.appending(body("more")));
  CAF_CHECK(fresh.code == errc::unavailable);
  poll();
  CAF_CHECK_EQUAL(heard_ends(), std::vector<seq_t>{});
  CAF_CHECK_EQUAL(b.replay(at_b), a.replay(a.look_up(id)));
  const auto told = log.lines("the database has lost events");
  CAF_REQUIRE_EQUAL(told.size(), 1u);
  CAF_CHECK(told.front().level == spdlog::level::warn);
  CAF_CHECK_EQUAL(told.front().field("session"), id);
  CAF_CHECK_EQUAL(told.front().field("last_seq"), "2");
  CAF_CHECK_EQUAL(told.front().field("found_last_seq"), "3");
}

CAF_TEST(nor if it is sealed by now) {
  a.append_text(at_a, "one");
  database->copy_all();
  a.append_text(at_a, "lost");
  follow(a, at_a);
  CAF_REQUIRE_GREATER(database->lose_tail(1), 0u);
  b.append_text(at_b, std::string(70'000, 'x'));  // which seals
  b.append_text(at_b, "behind it");
  CAF_REQUIRE_GREATER(database->rows().sessions.at(key())->sealed_seq, 1u);
  a.must_fail<append_answer>(at_a, a.appending(body("more")));
  poll();
  CAF_CHECK_EQUAL(heard_ends(), std::vector<seq_t>{});
}

CAF_TEST(a writer whose claim was lost shows what another one has stored in the same epoch) {
  claim(b, at_b);
  follow(b, at_b);
  const auto lost = epoch();
  lose(1);
  a.append_text(at_a, "one");
  CAF_REQUIRE_EQUAL(epoch(), lost);
  poll();
  CAF_CHECK_EQUAL(heard_ends(), (std::vector<seq_t>{1}));
  a.append_text(at_a, "two");
  CAF_REQUIRE_EQUAL(epoch(), lost);
  CAF_CHECK_EQUAL(b.replay(at_b).size(), 2u);
  must_be_one();
}

CAF_TEST(a poll tells of what is lost though it has told the same before) {
  a.append_text(at_a, "one");
  database->copy_all();
  follow(a, at_a);
  b.append_text(at_b, "two");
  poll();
  a.append_text(at_a, "three");
  poll();
  database->copy_all();
  a.append_text(at_a, "lost");
  lose(1);
  poll();
  CAF_CHECK(a.look_up(id) != at_a);
  must_be_one();
}

CAF_TEST(a seal that is lost is noticed) {
  a.append_text(at_a, "one");
  a.append_text(at_a, large);
  CAF_REQUIRE_EQUAL(database->rows().sessions.at(key())->sealed_seq, 2u);
  CAF_REQUIRE_EQUAL(b.replay(at_b).size(), 2u);
  lose(1);
  CAF_REQUIRE_EQUAL(database->rows().sessions.at(key())->sealed_seq, 0u);
  CAF_CHECK(b.must_fail<pull_answer>(at_b, b.opening(1 << 20)).code == errc::unavailable);
  CAF_CHECK_EQUAL(b.replay(b.look_up(id)).size(), 2u);
  must_be_one();
}

CAF_TEST(a cursor is not refused because its seal is lost) {
  const auto first = a.append_text(at_a, "one");
  a.append_text(at_a, large);
  b.shown(at_b);  // and holds none of it
  auto r = b.opening(1 << 20);
  r.after = {{"after", std::string{first.spans.front().block->id(1)}}};
  before_read(b, 2, [&] { lose(1); });  // behind the look at the end
  CAF_CHECK(b.must_fail<pull_answer>(at_b, r).code == errc::unavailable);
  CAF_CHECK_EQUAL(b.must<pull_answer>(b.look_up(id), r).slice.first_seq(), 2u);
  must_be_one();
}

CAF_TEST(an event is not missing because its seal is lost) {
  const auto first = a.append_text(at_a, "one");
  a.append_text(at_a, large);
  b.shown(at_b);  // and holds none of it
  const redact_event redaction{std::string{first.spans.front().block->id(1)}, ""};
  before_read(b, 2, [&] { lose(2); });  // behind the claim
  CAF_CHECK(b.must_fail<event_redacted>(at_b, redaction).code == errc::unavailable);
  b.must<event_redacted>(b.look_up(id), redaction);
  must_be_one();
}

CAF_TEST(a key that was lost and stored again is answered with what there is) {
  a.append_text(at_a, "one");
  database->copy_all();
  a.must<append_answer>(at_a, a.appending(body("two"), "key"));
  lose(1);
  const auto second = b.must<append_answer>(at_b, b.appending(body("two"), "key"));
  CAF_CHECK(a.must_fail<append_answer>(at_a, a.appending(body("two"), "key")).code == errc::unavailable);
  const auto again = a.must<append_answer>(a.look_up(id), a.appending(body("two"), "key"));
  CAF_CHECK(again.replayed);
  CAF_CHECK_EQUAL(json_of(again.stored), json_of(second.stored));
  must_be_one();
}

CAF_TEST(a deletion that is under way when its log is lost is answered) {
  a.append_text(at_a, "lost");
  const auto deleted = a.ask<session_deleted>(at_a, delete_session{});
  a.run_without(a.the(a.journal));
  lose(2);
  const auto view = a.ask<session_view>(at_a, describe_request{});
  a.run_without(a.the(a.journal));
  CAF_REQUIRE(view->answered && !deleted->answered);
  CAF_CHECK(view->error.code == errc::unavailable);
  a.run();
  CAF_REQUIRE(deleted->answered);
  CAF_CHECK(deleted->error.code == errc::unavailable);
  must_be_one();
  CAF_CHECK_EQUAL(a.replay(at_a).size(), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
