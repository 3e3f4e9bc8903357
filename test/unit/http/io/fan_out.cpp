// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE fan_out
#include "test/unit/http/support/http_fixture.hpp"
// The framework's header comes first.
#include "http/io/fan_out.hpp"

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

/// A session that publishes when a test says so, and what came back to it.
struct publisher {
  std::vector<published> out;
  std::vector<previewed> shown;
  int acknowledged = 0;
  int acknowledged_previews = 0;
  int left = 0;
};

session_actor::behavior_type publishing_session(session_actor::pointer self, std::shared_ptr<publisher> p,
                                                std::shared_ptr<fan_out_actor> to) {
  return {
      [](const append_request&) { return append_answer{}; },
      [](const open_request&) { return pull_answer{}; },
      [](const pull_request&) { return pull_answer{}; },
      [](const search_request&) { return search_answer{}; },
      [](const describe_request&) { return session_view{}; },
      [](const update_session&) { return session_view{}; },
      [](const archive_session&) { return session_view{}; },
      [](const redact_event&) { return event_redacted{}; },
      [](const delete_session&) { return session_deleted{}; },
      [=](const published_ack& ack) { ++(ack.of_previews ? p->acknowledged_previews : p->acknowledged); },
      [=](const unfollow&) { ++p->left; },
      [](const news_taken&) {},
      [](const commit_done&) {},
      [](const seal_done&) {},
      [](const seal_wanted&) {},
      [](const end_moved&) {},
      [](const mirrored&) {},
      [](const mirrored_previews&) {},
      [](const mirror_lost&) {},
      [](const retire_now&) {},
      [](const describe_actor&) {
        return actor_status{"fake", {}};
      },
      [=](const idle_check&) {
        for (auto& m : std::exchange(p->out, {})) self->send(*to, m);
        for (auto& m : std::exchange(p->shown, {})) self->send(*to, m);
      },
      [](const retry_tick&) {},
  };
}

struct listener final : hub_stream {
  void on_published(const publication& p) override { heard += std::to_string(p.end()); }
  void on_previewed(const previewed&) override { heard += 'v'; }
  void on_session_down() override { heard += 'd'; }
  void on_key(key_news what) override { news.push_back(what); }
  std::string heard;
  std::vector<key_news> news;
};

struct fixture : http_fixture {
  fixture() {
    connect();
    *to = shard->hub.follower();
    session = sys.spawn(publishing_session, out, to);
    world->sessions["sess_p"] = session;
  }
  ~fixture() override {
    *to = nullptr;
    session = nullptr;
  }
  void publish(seq_t end) {
    out->out.push_back({1, {}, end, log_state::open, nullptr});
    caf::anon_send(session, idle_check{});
    pump();
  }
  std::shared_ptr<publisher> out = std::make_shared<publisher>();
  std::shared_ptr<fan_out_actor> to = std::make_shared<fan_out_actor>();
  session_actor session;
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(fan_out_tests, fixture)

CAF_TEST(what a session publishes reaches its streams and is acknowledged) {
  listener one;
  shard->hub.join(one, session);
  publish(7);
  out->shown.push_back({});
  publish(8);
  CAF_CHECK_EQUAL(one.heard, "78v");
  CAF_CHECK_EQUAL(out->acknowledged, 2);
  CAF_CHECK_EQUAL(out->acknowledged_previews, 1);
  shard->hub.leave(one, session, true);
  pump();
  CAF_CHECK_EQUAL(out->left, 1);
  CAF_MESSAGE("also what comes when nobody is left");
  publish(9);
  CAF_CHECK_EQUAL(one.heard, "78v");
  CAF_CHECK_EQUAL(out->acknowledged, 3);
}

CAF_TEST(the end of a session is told once to each stream) {
  listener one;
  listener two;
  shard->hub.join(one, session);
  shard->hub.join(two, session);
  caf::anon_send_exit(session, caf::exit_reason::user_shutdown);
  pump();
  CAF_CHECK_EQUAL(one.heard, "d");
  CAF_CHECK_EQUAL(two.heard, "d");
  CAF_CHECK(!shard->hub.follows(session.id()));
}

CAF_TEST(a store that does not answer is asked once and noticed) {
  world->mute = true;
  listener one;
  shard->hub.watch_key(one, 1, io.now());
  const auto before = world->key_look_ups;
  for (int i = 0; i < 20; ++i) pass(250ms);
  CAF_CHECK_EQUAL(world->key_look_ups, before + 1);
  CAF_CHECK(one.news.empty());
  for (int i = 0; i < 8; ++i) pass(250ms);
  CAF_CHECK(one.news == std::vector<key_news>{key_news::unknown});
  world->mute = false;
  for (auto& promise : std::exchange(world->muted, {}))
    promise.deliver(found_key{world->keys[sha256("sk-sb-client")]});
  pump();
  CAF_CHECK(one.news == (std::vector<key_news>{key_news::unknown, key_news::known}));
  shard->hub.unwatch_key(one, 1);
}

CAF_TEST_FIXTURE_SCOPE_END()
