// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE live_timers
#include "test/unit/http/support/live_fixture.hpp"

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

struct fixture : live_fixture {
  void drain() {
    all->draining = true;
    for (auto& c : connections) caf::anon_send(c, begin_drain{});
  }
  const std::string id = create();
};

void check_closing(const sse_client& client, std::string_view reason) {
  CAF_CHECK_EQUAL(client.closing, reason);
  CAF_CHECK(client.retry >= 1'000 && client.retry <= 5'000);
  CAF_CHECK(client.cut() && !client.done && client.error.empty());
}

}  // namespace

CAF_TEST_FIXTURE_SCOPE(live_timers_tests, fixture)

CAF_TEST(a heartbeat comes when nothing else does) {
  auto client = follow(id);
  settle(client);
  pass(options.stream_heartbeat - 1ms);
  settle(client);
  CAF_CHECK_EQUAL(client.heartbeats, 0);
  pass(1ms);
  settle(client);
  CAF_CHECK_EQUAL(client.heartbeats, 1);
  CAF_MESSAGE("an event is as good");
  pass(options.stream_heartbeat - 1ms);
  post_text(id, "a");
  pass(options.stream_heartbeat - 1ms);
  settle(client);
  CAF_CHECK_EQUAL(client.heartbeats, 1);
  pass(1ms);
  settle(client);
  CAF_CHECK_EQUAL(client.heartbeats, 2);
  CAF_CHECK_EQUAL(client.order, "lheh");
}

CAF_TEST(a session that cannot be found in time is to be asked for again) {
  auto client = follow(id);
  pump_without(the(directory));
  client.read();
  CAF_CHECK_EQUAL(client.status, 0);
  sched.advance_time(30s);
  pump_without(the(directory));
  client.read();
  CAF_CHECK_EQUAL(client.status, 503);
}

CAF_TEST(what a filter drops is no reason to be silent) {
  auto client = follow(id, "&types=user.message");
  auto plain = follow(id);
  settle(client);
  settle(plain);
  for (int i = 0; i < 8; ++i) {
    pass(options.stream_heartbeat / 4);
    post_text(id, "a");
    settle(client);
    settle(plain);
  }
  CAF_CHECK_EQUAL(client.order, "lhihi");
  CAF_CHECK_EQUAL(plain.heartbeats, 0);
  CAF_MESSAGE("nor are previews that nobody asked for");
  for (int i = 0; i < 4; ++i) {
    pass(options.stream_heartbeat / 4);
    post_events(id, events({R"({"type":"event_start","event":{"type":"agent.message","id":"msg_)" +
                            std::to_string(i) + R"("}})"}));
    settle(plain);
  }
  CAF_CHECK_EQUAL(plain.heartbeats, 1);
}

CAF_TEST(what a filter passes over shows as an id with the heartbeat) {
  post_text(id, "a");
  auto client = follow(id, "&types=user.message");
  settle(client);
  CAF_CHECK_EQUAL(client.order, "l");
  CAF_CHECK_EQUAL(client.last_id, id_of(id, 1));
  pass(options.stream_heartbeat);
  settle(client);
  CAF_CHECK_EQUAL(client.order, "lh");
  for (int i = 0; i < 3; ++i) post_text(id, "b");
  settle(client);
  CAF_CHECK_EQUAL(client.order, "lh");
  pass(options.stream_heartbeat);
  settle(client);
  CAF_CHECK_EQUAL(client.order, "lhhi");
  CAF_CHECK_EQUAL(client.last_id, id_of(id, 4));
  CAF_MESSAGE("once");
  pass(options.stream_heartbeat);
  settle(client);
  CAF_CHECK_EQUAL(client.order, "lhhih");
  CAF_MESSAGE("who resumes there does not read again what was passed over");
  auto resumed = follow(id, "", "Last-Event-ID: " + client.last_id + "\r\n");
  post_events(id, events({user("c")}));
  settle(resumed);
  settle(client);
  CAF_CHECK_EQUAL(seen(resumed, id), "5");
  CAF_CHECK_EQUAL(seen(client, id), "5");
}

CAF_TEST(an SDK is told by an error that it has not got all) {
  options.stream_max_age = 60s;
  const std::string sdk = "x-stainless-lang: js\r\n";
  auto old = follow(id, "", sdk);
  settle(old);
  for (int i = 0; i < 60; ++i) pass(1s);
  settle(old);
  auto current = follow(id, "", sdk);
  settle(current);
  drain();
  settle(current);
  for (auto* c : {&old, &current}) {
    CAF_CHECK_EQUAL(c->order.back(), 'x');
    CAF_CHECK(contains(c->error, "\"type\":\"overloaded_error\""));
    CAF_CHECK(c->retry >= 1'000 && c->retry <= 5'000);
    CAF_CHECK(c->cut() && !c->done);
  }
}

CAF_TEST(an old stream is asked to come again) {
  options.stream_max_age = 60s;
  auto client = follow(id);
  settle(client);
  for (int i = 0; i < 59; ++i) pass(1s);
  post_text(id, "a");
  settle(client);
  CAF_CHECK_EQUAL(client.closing, "");
  pass(1s);
  settle(client);
  check_closing(client, "max_age");
  CAF_CHECK_EQUAL(seen(client, id), "1");
  CAF_CHECK_EQUAL(streams_of(id), 0u);
}

CAF_TEST(an old stream that is busy is asked as well) {
  options.stream_max_age = 60s;
  auto client = follow(id);
  settle(client);
  for (int i = 0; i < 61; ++i) {
    pass(1s);
    if (i < 60) post_text(id, "a");
    settle(client);
  }
  check_closing(client, "max_age");
  auto resumed = follow(id, "", "Last-Event-ID: " + client.last_id + "\r\n");
  post_text(id, "b");
  settle(resumed);
  CAF_CHECK_EQUAL(client.frames.size() + resumed.frames.size(), log_of(id).size());
}

CAF_TEST(a shutdown asks live streams to come again) {
  auto client = follow(id);
  auto filtered = follow(id, "&types=user.message");
  settle(client);
  settle(filtered);
  post_text(id, "a");
  drain();
  for (auto* c : {&client, &filtered}) {
    settle(*c);
    check_closing(*c, "shutdown");
    CAF_CHECK_EQUAL(c->last_id, id_of(id, 1));
  }
  CAF_CHECK_EQUAL(streams_of(id), 0u);
}

CAF_TEST(a shutdown may come at any step of a request) {
  for (int i = 0; i < 5; ++i) post_text(id, std::string(30'000, 'x'));
  for (const auto whose : all_turns) {
    bool more = true;
    for (std::size_t k = 0; more; ++k) {
      auto client = follow(id);
      more = steps(k, whose);
      caf::anon_send(connections.back(), begin_drain{});
      finish(whose);
      settle(client);
      if (client.status == 0) {
        CAF_CHECK(client.connection().closed());
        continue;
      }
      check_closing(client, "shutdown");
      const auto n = client.frames.size();
      CAF_CHECK_EQUAL(seen(client, id), n == 0 ? "" : n == 1 ? "1" : "1-" + std::to_string(n));
      CAF_CHECK(client.connection().closed());
    }
  }
}

CAF_TEST(a shutdown reaches a blocked stream when it can take something) {
  for (int i = 0; i < 5; ++i) post_text(id, std::string(30'000, 'x'));
  auto client = follow(id, "", "", 4096);
  pump();
  drain();
  pump();
  while (client.read(1'000)) pump();
  settle(client);
  check_closing(client, "shutdown");
  const auto n = client.frames.size();
  CAF_CHECK(n > 0 && n < 5);
  CAF_CHECK_EQUAL(seen(client, id), "1-" + std::to_string(n));
}

CAF_TEST_FIXTURE_SCOPE_END()
