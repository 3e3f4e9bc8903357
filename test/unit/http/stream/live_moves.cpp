// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE live_moves
#include "test/unit/http/support/live_fixture.hpp"

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

struct fixture : live_fixture {
  static void kill(const session_actor& s) { caf::anon_send_exit(s, caf::exit_reason::kill); }
  std::string whole(const std::string& id) { return "1-" + std::to_string(log_of(id).size()); }

  /// A live stream, an append and an end of the session's actor k steps behind it.
  template <class F>
  void move_at_every_step(F end_actor) {
    const auto id = create();
    const auto session = key_of(id);
    auto live = follow(id);
    settle(live);
    for (const auto whose : all_turns) {
      bool more = true;
      for (std::size_t k = 0; more; ++k) {
        const auto s = session_of(id);
        begin_post(id, events({message("a"), message("b")}));
        more = steps(k, whose);
        end_actor(s, session);
        finish(whose);
        const auto status = end_call();  // whether it was stored only the log can tell
        CAF_CHECK(status == 200 || status == 500 || status == 503);
        post_text(id, "c");
        settle(live);
        CAF_CHECK_EQUAL(seen(live, id), whole(id));
        CAF_CHECK_EQUAL(streams_of(id), 1u);
      }
    }
    CAF_CHECK(!live.done && live.error.empty());
  }
  /// A request for a stream and an end of the session's actor k steps behind it.
  template <class F>
  void move_under_replay(F end_actor) {
    const auto id = create();
    for (int i = 0; i < 5; ++i) post_text(id, std::string(30'000, 'x'));
    const auto session = key_of(id);
    for (const auto whose : all_turns) {
      bool more = true;
      for (std::size_t k = 0; more; ++k) {
        const auto s = session_of(id);
        auto client = follow(id);
        more = steps(k, whose);
        end_actor(s, session);
        finish(whose);
        settle(client);
        post_text(id, "later");
        settle(client);
        CAF_CHECK_EQUAL(seen(client, id), whole(id));
        CAF_CHECK_EQUAL(streams_of(id), 1u);
        client.hang_up();
        CAF_CHECK_EQUAL(streams_of(id), 0u);
      }
    }
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(live_moves_tests, fixture)

CAF_TEST(a stream moves to the next incarnation at any step of an append) {
  move_at_every_step([this](const session_actor&, session_key session) { begin_retiring(session); });
}

CAF_TEST(a stream survives the death of its session at any step of an append) {
  move_at_every_step([](const session_actor& s, session_key) { kill(s); });
}

CAF_TEST(a replay goes on behind its cursor when its session retires) {
  move_under_replay([this](const session_actor&, session_key session) { begin_retiring(session); });
}

CAF_TEST(a replay goes on behind its cursor when its session dies) {
  move_under_replay([](const session_actor& s, session_key) { kill(s); });
}

CAF_TEST(a live stream outlasts any number of deaths) {
  const auto id = create();
  auto client = follow(id);
  settle(client);
  for (int i = 0; i < 20; ++i) {
    kill(session_of(id));
    settle(client);
    CAF_CHECK_EQUAL(streams_of(id), 1u);
  }
  post_text(id, "a");
  settle(client);
  CAF_CHECK_EQUAL(seen(client, id), "1");
}

CAF_TEST(a filtered stream that passed nothing keeps its place over a death) {
  const auto id = create();
  for (int i = 0; i < 3; ++i) post_text(id, "a");
  auto client = follow(id, "&types=user.message");
  settle(client);
  kill(session_of(id));
  settle(client);
  post_events(id, events({message("b"), user("c")}));
  settle(client);
  CAF_CHECK_EQUAL(seen(client, id), "5");
}

CAF_TEST(a stream that is blocked when its session dies goes on later) {
  const auto id = create();
  for (int i = 0; i < 5; ++i) post_text(id, std::string(30'000, 'x'));
  auto client = follow(id, "", "", 4096);
  pump();
  kill(session_of(id));
  pump();
  post_text(id, "later");
  settle(client);
  CAF_CHECK_EQUAL(seen(client, id), "1-6");
  CAF_CHECK_EQUAL(streams_of(id), 1u);
}

CAF_TEST(a stream that waits for room when its session dies goes on later) {
  options.max_bytes_out = follow_slice_bytes;
  const auto id = create();
  for (int i = 0; i < 5; ++i) post_text(id, std::string(30'000, 'x'));
  auto hog = follow(id, "", "", 4096);
  pump();
  auto waiting = follow(id);
  settle(waiting);
  CAF_CHECK_EQUAL(waiting.status, 0);
  kill(session_of(id));
  pump();
  CAF_MESSAGE("room comes with the end of the stream before it");
  hog.hang_up();
  settle(waiting);
  CAF_CHECK_EQUAL(waiting.status, 200);
  CAF_CHECK_EQUAL(seen(waiting, id), "1-5");
  CAF_CHECK_EQUAL(streams_of(id), 1u);
}

CAF_TEST(a stream that waits for room of other threads outlives its session as well) {
  const auto id = create();
  post_text(id, "a");
  auto elsewhere = take_all_room();
  auto waiting = follow(id);
  settle(waiting);
  kill(session_of(id));
  pump();
  elsewhere.reset();
  pass(io_thread::tick);
  settle(waiting);
  CAF_CHECK_EQUAL(seen(waiting, id), "1");
  CAF_CHECK_EQUAL(streams_of(id), 1u);
}

CAF_TEST(many streams move together) {
  const auto id = create();
  post_text(id, "a");
  std::vector<sse_client> clients;
  for (int i = 0; i < 30; ++i) clients.push_back(follow(id));
  pump();
  begin_post(id, events({message("b")}));
  kill(session_of(id));
  pump();
  end_call();
  post_text(id, "c");
  CAF_CHECK_EQUAL(streams_of(id), clients.size());
  for (auto& c : clients) {
    settle(c);
    CAF_CHECK_EQUAL(seen(c, id), whole(id));
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
