// SPDX-License-Identifier: Apache-2.0
// The retries that SDKs make by themselves, with clients that can be asked.
#define CAF_SUITE retries
#include "test/unit/actors/support/service_fixture.hpp"
// The framework's header comes first.
#include "actors/session/session_creation.hpp"
#include "actors/session/session_creations.hpp"
#include "test/unit/actors/support/fake_client.hpp"

#include <fmt/core.h>

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

struct fixture : service_fixture {
  ~fixture() {
    caf::anon_send_exit(thread, caf::exit_reason::user_shutdown);
    run();
  }
  append_request from(const fake_client& c, bool is_retry = false, const std::string& text = "a") {
    auto r = appending(events({message(text)}), {}, is_retry);
    r.client = c.its;
    return r;
  }
  create_session creating(const fake_client& c, bool is_retry = false) {
    auto r = creation(R"({"agent":"agent_a","environment_id":"env_a"})");
    r.is_retry = is_retry;
    r.client = c.its;
    return r;
  }
  void pass(std::chrono::milliseconds d) {
    sched.advance_time(d);
    run();
  }

  fan_out_actor thread = sys.spawn(asked_thread);
  fake_client first{thread};
  fake_client second{thread};
  fake_client third{thread};
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(retries_tests, fixture)

CAF_TEST(what was taken is appended anew) {
  const auto s = look_up(create());
  must<append_answer>(s, from(first));
  first.now = receipt::state::taken;
  CAF_CHECK(!must<append_answer>(s, from(second, true)).replayed);
  CAF_CHECK_EQUAL(first.looks, 1);
  CAF_CHECK_EQUAL(replay(s).size(), 2u);
}

CAF_TEST(what was lost gets its answer) {
  const auto s = look_up(create());
  const auto stored = must<append_answer>(s, from(first)).stored;
  first.its->settle(receipt::state::lost);
  const auto again = must<append_answer>(s, from(second, true));
  CAF_CHECK(again.replayed);
  CAF_CHECK_EQUAL(again.stored.first_seq(), stored.first_seq());
  CAF_CHECK_EQUAL(first.looks, 0);
  CAF_CHECK_EQUAL(replay(s).size(), 1u);
}

CAF_TEST(an answer that is on its way is waited for) {
  const auto s = look_up(create());
  must<append_answer>(s, from(first));
  const auto again = ask<append_answer>(s, from(second, true));
  run();
  CAF_CHECK(!again->answered);
  pass(30ms);
  CAF_CHECK(!again->answered);
  CAF_CHECK_EQUAL(first.looks, 2);
  for (int i = 0; i < 40; ++i) pass(30ms);
  CAF_REQUIRE(again->answered);
  CAF_CHECK((*again)->replayed);
  CAF_MESSAGE("nobody is asked any more");
  const auto looks = first.looks;
  for (int i = 0; i < 40; ++i) pass(30ms);
  CAF_CHECK_EQUAL(first.looks, looks);
}

CAF_TEST(a client without a thread has lost its answer) {
  const auto s = look_up(create());
  auto r = from(first);
  fake_client gone{fan_out_actor{}};
  r.client = gone.its;
  must<append_answer>(s, r);
  CAF_CHECK(must<append_answer>(s, from(second, true)).replayed);
}

CAF_TEST(a thread that is gone has clients that have lost their answers) {
  const auto s = look_up(create());
  must<append_answer>(s, from(first));
  caf::anon_send_exit(thread, caf::exit_reason::user_shutdown);
  run();
  CAF_CHECK(must<append_answer>(s, from(second, true)).replayed);
}

CAF_TEST(who has hung up is not served) {
  const auto id = create();
  const auto s = look_up(id);
  first.its->settle(receipt::state::lost);
  must_fail<append_answer>(s, from(first));
  CAF_CHECK(replay(s).empty());
  must_fail<session_created>(directory, creating(first));
  CAF_CHECK_EQUAL(all_sessions().size(), 1u);
}

CAF_TEST(tries go with time) {
  const auto s = look_up(create());
  must<append_answer>(s, from(first));
  CAF_CHECK_EQUAL(environment->tries->used(), 2);  // with the session's creation
  for (int i = 0; i < 14; ++i) pass(10s);
  CAF_CHECK_EQUAL(environment->tries->used(), 0);
}

CAF_TEST(a session that goes takes its tries along) {
  const auto s = look_up(create());
  must<append_answer>(s, from(first));
  CAF_CHECK_EQUAL(environment->tries->used(), 2);  // with the session's creation
  caf::anon_send(s, retire_now{});
  run();
  CAF_CHECK_EQUAL(environment->tries->used(), 1);
}

CAF_TEST(after a restart the last appends are found among many) {
  const auto id = create();
  auto s = look_up(id);
  for (int i = 0; i < 30; ++i) append_text(s, "text " + std::to_string(i));
  for (const bool sealed : {false, true}) {
    if (sealed) {
      caf::anon_send(s, retire_now{});
      run();
    } else {
      restart();
    }
    s = look_up(id);
    for (const auto& text : {"text 3", "text 29", "text 0"}) {
      const auto again = must<append_answer>(s, from(first, true, text));
      CAF_CHECK(again.replayed);
      CAF_CHECK(again.stored.spans.front().block->json(again.stored.first_seq()).find(text) !=
                std::string_view::npos);
    }
    CAF_CHECK_EQUAL(replay(s).size(), 30u);
  }
  CAF_CHECK(!must<append_answer>(s, from(first, true, "text 30")).replayed);
}

CAF_TEST(the last two seconds are those before the last event of whatever kind) {
  const auto id = create();
  auto s = look_up(id);
  const auto title = [&](const char* text) {
    auto parsed = parse_update_request(fmt::format(R"({{"title":"{}"}})", text));
    return update_session{std::make_shared<const update_request>(std::move(*parsed))};
  };
  append_text(s, "a");
  test_now += 10s;
  append_text(s, "b");
  must<session_view>(s, title("two"));
  const auto retry = [&](const std::string& text) {
    caf::anon_send(s, retire_now{});
    run();
    s = look_up(id);
    return must<append_answer>(s, from(first, true, text)).replayed;
  };
  CAF_CHECK(!retry("a"));
  CAF_CHECK(retry("b"));
  test_now += 10s;
  must<session_view>(s, title("three"));
  CAF_CHECK(!retry("b"));
}

CAF_TEST(the events that a session was made with are no append) {
  const auto body = R"({"type":"user.message","content":[{"type":"text","text":"hi"}]})";
  const auto s =
      look_up(create(R"({"agent":"a","environment_id":"e","initial_events":[)" + std::string{body} + "]}"));
  CAF_CHECK(!must<append_answer>(s, appending(events({body}), {}, true)).replayed);
}

CAF_TEST(a creation whose answer was lost is not repeated) {
  const auto made = must<session_created>(directory, creating(first)).header->definition->id;
  first.its->settle(receipt::state::lost);
  const auto again = must<session_created>(directory, creating(second, true));
  CAF_CHECK_EQUAL(again.header->definition->id, made);
  CAF_MESSAGE("by who lost that answer too either");
  second.its->settle(receipt::state::lost);
  const auto once_more = must<session_created>(directory, creating(third, true));
  CAF_CHECK_EQUAL(once_more.header->definition->id, made);
  CAF_CHECK_EQUAL(all_sessions().size(), 1u);
  look_up(made);  // it was shown: the fixture is to end it
}

CAF_TEST(a creation that was answered is repeated) {
  const auto made = must<session_created>(directory, creating(first)).header->definition->id;
  first.now = receipt::state::taken;
  CAF_CHECK(must<session_created>(directory, creating(second, true)).header->definition->id != made);
  CAF_CHECK(must<session_created>(directory, creating(second)).header->definition->id != made);
  CAF_CHECK_EQUAL(all_sessions().size(), 3u);
}

CAF_TEST(creations at once have one session each) {
  auto a = ask<session_created>(directory, creating(first));
  auto b = ask<session_created>(directory, creating(second, true));
  run();
  CAF_REQUIRE(*a);
  CAF_CHECK(!b->answered);
  first.now = receipt::state::taken;
  pass(30ms);
  CAF_REQUIRE(*b);
  CAF_CHECK((*a)->header->definition->id != (*b)->header->definition->id);
}

CAF_TEST(a creation that waits is made when the first one fails) {
  faults->next_commit = {errc::unavailable, "disk full"};
  auto a = ask<session_created>(directory, creating(first));
  auto b = ask<session_created>(directory, creating(second, true));
  run();
  CAF_CHECK_EQUAL(static_cast<int>(a->error.code), static_cast<int>(errc::unavailable));
  CAF_CHECK(*b);
  CAF_CHECK_EQUAL(all_sessions().size(), 1u);
}

CAF_TEST(a creation under way outlives the directory) {
  auto a = ask<session_created>(directory, creating(first));
  for (int i = 0; i < 3; ++i) sched.run_once();
  auto closed = ask<done_answer>(directory, retire_all{});
  run();
  CAF_CHECK(*closed);
  CAF_CHECK(*a);
}

CAF_TEST(sessions are made again after a fault of whoever has them made) {
  auto made = ask<session_created>(directory, creating(first));
  const auto creations = run_up_to<session_creations>();
  run();
  CAF_CHECK(*made);
  caf::anon_send_exit(creations, caf::exit_reason::unhandled_exception);
  auto met = ask<session_created>(directory, creating(second));
  run_without(each<session_creations>());  // it is asked, behind what makes it fail
  CAF_CHECK(!met->answered);
  run();
  CAF_CHECK_EQUAL(static_cast<int>(met->error.code), static_cast<int>(errc::unavailable));
  CAF_CHECK_EQUAL(all_sessions().size(), 1u);
  CAF_MESSAGE("what is asked for behind it is made");
  const auto third_made = must<session_created>(directory, creating(third));
  CAF_CHECK_EQUAL(third_made.header->definition->agent_id, "agent_a");
  CAF_CHECK(ended.empty());
}

CAF_TEST(what a creation under way came to is not known after a fault) {
  auto a = ask<session_created>(directory, creating(first));
  const auto creations = run_up_to<session_creations>();
  run_up_to<session_creation>();
  let_fail(creations);
  CAF_CHECK_EQUAL(static_cast<int>(a->error.code), static_cast<int>(errc::unknown_outcome));
  CAF_MESSAGE("nor after one of the creation itself");
  auto b = ask<session_created>(directory, creating(second));
  const auto creation = run_up_to<session_creation>();
  while (!std::ranges::any_of(sched.jobs, the(journal))) sched.run_once();
  let_fail(creation);
  CAF_CHECK_EQUAL(static_cast<int>(b->error.code), static_cast<int>(errc::unknown_outcome));
  CAF_CHECK_EQUAL(all_sessions().size(), 2u);
}

CAF_TEST(nobody waits for ever for a creation) {
  const auto is_late = [this](auto held, const std::shared_ptr<outcome<session_created>>& answer) {
    run_without(held);
    CAF_CHECK(!answer->answered);
    sched.advance_time(5min);
    run_without(held);
    CAF_CHECK(answer->answered);
    const auto code = answer->error.code;
    run();
    return code;
  };
  CAF_MESSAGE("that is made");
  CAF_CHECK(is_late(each<session_creation>(), ask<session_created>(directory, creating(first))) ==
            errc::unknown_outcome);
  CAF_MESSAGE("that was made, and is to be shown again");
  const auto made = must<session_created>(directory, creating(second)).header->definition->id;
  second.its->settle(receipt::state::lost);
  look_up(made);
  CAF_CHECK(is_late(each<session>(), ask<session_created>(directory, creating(third, true))) ==
            errc::unavailable);
  const std::string body = R"({"agent":"a","environment_id":"e"})";
  look_up(create(body, "key"));
  CAF_CHECK(is_late(each<session>(), ask<session_created>(directory, creation(body, "key"))) ==
            errc::unavailable);
}

CAF_TEST_FIXTURE_SCOPE_END()
