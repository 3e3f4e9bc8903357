// SPDX-License-Identifier: Apache-2.0
// A journal that waits for its disk: what it was given counts against the bounds of requests until it has
// decided.
#define CAF_SUITE session_leases
#include "test/unit/actors/support/service_fixture.hpp"
// The framework's header comes first.
#include "actors/caf/timeouts.hpp"

#include <algorithm>

using namespace sandbase;
using namespace sandbase::test;

namespace {

constexpr std::int64_t body_bytes = 5000;

struct fixture : service_fixture {
  fixture() { append_text(s, "it is the writer"); }

  request_lease_ptr lease() {
    auto made = std::make_shared<request_lease>(std::array{all, all_of_others, all_of_others});
    CAF_REQUIRE(!made->try_hold(body_bytes));
    return made;
  }
  /// Everybody but the journal.
  void run_stalled() {
    auto* const journals = dynamic_cast<caf::resumable*>(caf::actor_cast<caf::abstract_actor*>(journal));
    const auto runs = [&](const caf::resumable* job) { return job != journals; };
    for (;;) {
      const auto next = std::ranges::find_if(sched.jobs, runs);
      if (next == sched.jobs.end()) return;
      std::iter_swap(sched.jobs.begin(), next);
      sched.run_once();
    }
  }
  /// Asks while the journal stands still: what it takes is held, even when nobody waits for it any more and
  /// the session has died.
  template <class T, class Handle, class Message>
  std::int64_t held_by(const Handle& to, Message message) {
    message.lease = lease();
    const auto answer = ask<T>(to, std::move(message));
    run_stalled();
    CAF_CHECK(!answer->answered);
    const auto held = all->used();
    sched.advance_time(std::chrono::duration_cast<std::chrono::seconds>(commit_timeout) * 2);
    run_stalled();
    caf::anon_send_exit(s, caf::exit_reason::kill);
    run_stalled();
    CAF_CHECK(answer->answered);
    CAF_CHECK_EQUAL(all->used(), held);
    run();
    CAF_CHECK_EQUAL(all->used(), 0);
    return held;
  }
  update_session titled(const std::string& title) {
    auto change = std::make_shared<update_request>();
    change->has_title = true;
    change->title = title;
    return {change};
  }
  actor_status status() { return *ask_stalled<actor_status>(s, describe_actor{}); }
  template <class T, class Handle, class Message>
  std::optional<T> ask_stalled(const Handle& to, Message message) {
    const auto answer = ask<T>(to, std::move(message));
    run_stalled();
    CAF_REQUIRE(answer->answered);
    return answer->value;
  }

  std::shared_ptr<byte_account> all = std::make_shared<byte_account>(1'000'000'000);
  std::shared_ptr<byte_account> all_of_others = std::make_shared<byte_account>(1'000'000'000);
  std::string id = create();
  session_actor s = look_up(id);
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(session_leases_tests, fixture)

CAF_TEST(an append counts until the journal has decided) {
  CAF_CHECK_EQUAL(held_by<append_answer>(s, appending(events({message("a")}))), body_bytes);
}

CAF_TEST(an update counts until the journal has decided) {
  CAF_CHECK(held_by<session_view>(s, titled("t")) > body_bytes);
}

CAF_TEST(an archival counts until the journal has decided) {
  CAF_CHECK(held_by<session_view>(s, archive_session{}) > body_bytes);
}

CAF_TEST(a redaction counts until the journal has decided) {
  const auto event = append_text(s, "secret");
  const redact_event message{std::string{event.spans.front().block->id(event.first_seq())}, "why"};
  CAF_CHECK(held_by<event_redacted>(s, message) > body_bytes);
}

CAF_TEST(a creation counts until the journal has decided) {
  auto first = creation(R"({"agent":"agent_a","environment_id":"env_a"})");
  CAF_CHECK_EQUAL(held_by<session_created>(directory, first), body_bytes);
  CAF_MESSAGE("with an Idempotency-Key it goes another way");
  auto second = creation(R"({"agent":"agent_a","environment_id":"env_a"})", "key");
  CAF_CHECK_EQUAL(held_by<session_created>(directory, second), body_bytes);
}

CAF_TEST(what waits for the claim counts) {
  caf::anon_send(s, retire_now{});
  run();
  s = look_up(id);
  std::vector<std::shared_ptr<outcome<session_view>>> answers;
  for (int i = 0; i < 3; ++i) {
    auto message = titled(std::to_string(i));
    message.lease = lease();
    answers.push_back(ask<session_view>(s, message));
    message = {};
    run_stalled();
  }
  CAF_CHECK_EQUAL(all->used(), 3 * body_bytes);
  run();
  for (const auto& a : answers) CAF_CHECK(*a);
  CAF_CHECK_EQUAL(all->used(), 0);
}

CAF_TEST(headers count as far as they are not shared) {
  constexpr std::int64_t large = 100'000;
  id = create(R"({"agent":"agent_a","environment_id":"env_a","resources":[")" +
              std::string(static_cast<std::size_t>(large), 'r') + R"("]})");
  s = look_up(id);
  append_text(s, "it is the writer");
  const auto before = must<session_view>(s, describe_request{}).header;
  auto running = appending(events({R"({"type":"session.status_running"})"}));
  running.lease = lease();
  const auto appended = ask<append_answer>(s, std::exchange(running, {}));
  run_stalled();
  CAF_CHECK(all->used() > body_bytes);
  CAF_CHECK(all->used() < large);
  run();
  CAF_CHECK(*appended);
  const auto after = must<session_view>(s, describe_request{}).header;
  CAF_CHECK(after->progress.status == session_status::running);
  CAF_CHECK(&*after->definition == &*before->definition);
  CAF_MESSAGE("an update has a definition of its own");
  auto change = titled("t");
  change.lease = lease();
  const auto updated = ask<session_view>(s, std::exchange(change, {}));
  run_stalled();
  CAF_CHECK(all->used() > large + body_bytes);
  run();
  CAF_CHECK(*updated);
  CAF_CHECK_EQUAL(all->used(), 0);
}

CAF_TEST(previews behind a commit count though they are answered) {
  const auto appended = ask<append_answer>(s, appending(events({message("a")})));
  run_stalled();
  auto preview =
      appending(events({R"({"type":"event_start","event":{"type":"agent.message","id":"msg_1"}})"}));
  preview.lease = lease();
  const auto answered = ask_stalled<append_answer>(s, std::exchange(preview, {}));
  CAF_CHECK(answered);
  CAF_CHECK_EQUAL(all->used(), body_bytes);
  run();
  CAF_CHECK(*appended);
  CAF_CHECK_EQUAL(all->used(), 0);
}

// --- how long they wait ----------------------------------------------------------------------

CAF_TEST(a session tells for how long it has waited for a commit) {
  CAF_CHECK_EQUAL(status().of("oldest_wait_ms"), 0);
  const auto updated = ask<session_view>(s, titled("t"));
  run_stalled();
  sched.advance_time(std::chrono::seconds{5});
  run_stalled();
  CAF_CHECK_EQUAL(status().of("in_flight"), 1);
  CAF_CHECK_EQUAL(status().of("oldest_wait_ms"), 5000);
  run();
  CAF_CHECK(*updated);
  CAF_CHECK_EQUAL(status().of("oldest_wait_ms"), 0);
}

CAF_TEST(what waits for the claim and the claim itself are waits) {
  caf::anon_send(s, retire_now{});
  run();
  s = look_up(id);
  const auto updated = ask<session_view>(s, titled("t"));
  run_stalled();
  sched.advance_time(std::chrono::seconds{5});
  const auto appended = ask<append_answer>(s, appending(events({message("a")})));
  run_stalled();
  const auto told = status();
  CAF_CHECK_EQUAL(told.phase, "claiming");
  CAF_CHECK_EQUAL(told.of("waiting"), 1);
  CAF_CHECK_EQUAL(told.of("appends"), 1);
  CAF_CHECK_EQUAL(told.of("oldest_wait_ms"), 5000);
  run();
  CAF_CHECK(*updated);
  CAF_CHECK(*appended);
  CAF_CHECK_EQUAL(status().of("oldest_wait_ms"), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
