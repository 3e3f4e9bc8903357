// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE stream_hub
#include "test/unit/http/support/http_fixture.hpp"
// The framework's header comes first.
#include "http/io/stream_hub.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

struct fake_feed final : hub_feed {
  fan_out_actor follower() override { return {}; }
  void begin(const session_actor& s) override { told.push_back("begin " + std::to_string(s.id())); }
  void end(const session_actor& s) override { told.push_back("end " + std::to_string(s.id())); }
  void left(const session_actor& s) override { told.push_back("left " + std::to_string(s.id())); }
  void left_workspace(workspace_key w) override { told.push_back("left workspace " + std::to_string(w)); }
  std::vector<std::string> told;
};

struct fake_stream final : hub_stream {
  explicit fake_stream(stream_hub& h) : hub(h) {}
  void on_published(const publication& p) override {
    heard += 'p';
    ends.push_back(p.end());
    if (takes_along) takes_along->leave();
    if (leaves_at == 'p') leave();
  }
  void on_previewed(const previewed&) override { heard += 'v'; }
  void on_session_down() override {
    heard += 'd';
    session = nullptr;
    if (next) join(next);
  }
  void on_key(key_news what) override {
    heard += what == key_news::revoked   ? 'k'
             : what == key_news::unknown ? 'u'
             : what == key_news::known   ? 'g'
                                         : 'l';
    if (takes_along) takes_along->leave();
    if (leaves_at == heard.back()) leave();
  }
  void join(const session_actor& s) {
    session = s;
    hub.join(*this, s);
  }
  void leave(bool told = true) {
    if (session) hub.leave(*this, session, told);
    hub.unwatch_key(*this, key);
    session = nullptr;
  }
  stream_hub& hub;
  session_actor session;
  session_actor next;
  api_key_id key = 0;
  char leaves_at = 0;
  /// Gives way to this one when it hears something.
  fake_stream* takes_along = nullptr;
  std::string heard;
  std::vector<seq_t> ends;
};

struct fixture : http_fixture {
  fixture() {
    add_session("sess_a");
    add_session("sess_b");
    a = world->sessions["sess_a"];
    b = world->sessions["sess_b"];
    hub.attach(&feed);
  }
  ~fixture() override {
    hub.attach(nullptr);
    a = b = nullptr;
  }
  void publish(const session_actor& s, seq_t end) {
    hub.published(s.id(), publication{{1, {}, end, log_state::open, nullptr}});
  }
  std::string name(const session_actor& s) { return std::to_string(s.id()); }

  session_actor a;
  session_actor b;
  fake_feed feed;
  stream_hub hub;
  stream_hub::time_point now{};
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(stream_hub_tests, fixture)

CAF_TEST(streams hear of their session only) {
  fake_stream one{hub};
  fake_stream two{hub};
  fake_stream other{hub};
  one.join(a);
  two.join(a);
  other.join(b);
  publish(a, 5);
  hub.previewed_by(b.id(), {});
  CAF_CHECK_EQUAL(one.heard, "p");
  CAF_CHECK_EQUAL(two.heard, "p");
  CAF_CHECK_EQUAL(other.heard, "v");
  CAF_CHECK_EQUAL(one.ends.front(), 5u);
  CAF_CHECK(feed.told == (std::vector<std::string>{"begin " + name(a), "begin " + name(b)}));
}

CAF_TEST(a session is watched from its first stream to its last) {
  fake_stream one{hub};
  fake_stream two{hub};
  one.join(a);
  two.join(a);
  one.leave();
  CAF_CHECK(hub.follows(a.id()));
  two.leave(false);
  CAF_CHECK(!hub.follows(a.id()));
  CAF_CHECK(feed.told == (std::vector<std::string>{"begin " + name(a), "left " + name(a), "end " + name(a)}));
  CAF_MESSAGE("news that are on their way still reach nobody");
  publish(a, 1);
  CAF_CHECK_EQUAL(one.heard + two.heard, "");
}

CAF_TEST(streams may end while they are told) {
  for (const char when : {'p', 'k'}) {
    std::vector<std::unique_ptr<fake_stream>> all;
    for (int i = 0; i < 4; ++i) {
      all.push_back(std::make_unique<fake_stream>(hub));
      all.back()->join(a);
      all.back()->key = 9;
      hub.watch_key(*all.back(), 9, now);
      if (i != 2) all.back()->leaves_at = when;
    }
    when == 'p' ? publish(a, 1) : hub.key_found(9, false, now);
    for (auto& s : all) CAF_CHECK_EQUAL(s->heard, std::string(1, when));
    CAF_CHECK(hub.follows(a.id()));
    all[2]->leaves_at = when;
    when == 'p' ? publish(a, 2) : hub.key_found(9, false, now);
    CAF_CHECK(!hub.follows(a.id()));
    CAF_CHECK(!hub.watches_keys());
  }
}

CAF_TEST(a stream that is told may make any other leave) {
  for (const char when : {'p', 'k'})
    for (int victim = 0; victim < 4; ++victim)
      for (int teller = 0; teller < 4; ++teller) {
        std::vector<std::unique_ptr<fake_stream>> all;
        for (int i = 0; i < 4; ++i) {
          all.push_back(std::make_unique<fake_stream>(hub));
          all.back()->join(a);
          all.back()->key = 9;
          hub.watch_key(*all.back(), 9, now);
        }
        all[static_cast<std::size_t>(teller)]->takes_along = all[static_cast<std::size_t>(victim)].get();
        when == 'p' ? publish(a, 1) : hub.key_found(9, false, now);
        for (int i = 0; i < 4; ++i) {
          const auto calls = i == victim && victim > teller ? 0u : 1u;
          CAF_CHECK_EQUAL(all[static_cast<std::size_t>(i)]->heard.size(), calls);
        }
        for (auto& s : all) {
          s->takes_along = nullptr;
          s->leave();
        }
      }
}

CAF_TEST(streams of a session that has gone join the next one by one) {
  fake_stream one{hub};
  fake_stream two{hub};
  one.join(a);
  two.join(a);
  one.next = b;
  hub.session_down(a.id());
  CAF_CHECK_EQUAL(one.heard, "d");
  CAF_CHECK_EQUAL(two.heard, "d");
  CAF_CHECK(!hub.follows(a.id()));
  publish(b, 1);
  CAF_CHECK_EQUAL(one.heard, "dp");
  hub.session_down(a.id());
  CAF_CHECK_EQUAL(two.heard, "d");
  one.leave();
}

CAF_TEST(a revoked key reaches its streams wherever they are) {
  fake_stream live{hub};
  fake_stream stray{hub};
  fake_stream other{hub};
  live.join(a);
  stray.join(a);
  for (auto* s : {&live, &stray}) {
    s->key = 9;
    hub.watch_key(*s, 9, now);
  }
  other.key = 8;
  hub.watch_key(other, 8, now);
  stray.leave(false);
  hub.watch_key(stray, 9, now);
  hub.key_found(9, false, now);
  CAF_CHECK_EQUAL(live.heard, "k");
  CAF_CHECK_EQUAL(stray.heard, "k");
  CAF_CHECK_EQUAL(other.heard, "");
  auto keys = hub.keys_to_ask();
  std::sort(keys.begin(), keys.end());
  CAF_CHECK(keys == (std::vector<api_key_id>{8, 9}));
  for (auto* s : {&live, &stray, &other}) s->leave();
  CAF_CHECK(!hub.watches_keys());
}

CAF_TEST(keys grow old while the store does not answer) {
  using namespace std::chrono_literals;
  fake_stream one{hub};
  fake_stream other{hub};
  one.key = 9;
  other.key = 8;
  hub.watch_key(one, 9, now);
  hub.watch_key(other, 8, now);
  CAF_CHECK_EQUAL(hub.keys_to_ask().size(), 2u);
  CAF_MESSAGE("one question at a time");
  CAF_CHECK(hub.keys_to_ask().empty());
  hub.key_missed(9);
  CAF_CHECK(hub.keys_to_ask() == std::vector<api_key_id>{9});
  now += 4s;
  hub.key_found(8, true, now);
  now += 2s;
  hub.look_at_keys(now);
  hub.look_at_keys(now);
  CAF_CHECK_EQUAL(one.heard, "u");
  CAF_CHECK_EQUAL(other.heard, "");
  hub.key_found(9, true, now);
  hub.key_found(9, true, now);
  CAF_CHECK_EQUAL(one.heard, "ug");
  now += 61s;
  hub.look_at_keys(now);
  CAF_CHECK_EQUAL(one.heard, "ugl");
  hub.key_found(9, false, now);
  CAF_CHECK_EQUAL(one.heard, "uglk");
  one.leave();
  other.leave();
  CAF_MESSAGE("an answer that comes behind the last stream");
  hub.key_found(9, true, now);
  CAF_CHECK(!hub.watches_keys());
}

CAF_TEST_FIXTURE_SCOPE_END()
