// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE live_previews
#include "test/unit/http/support/live_fixture.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

constexpr std::string_view with_previews = "&event_deltas[]=agent.message";

struct fixture : live_fixture {
  static std::string start(const std::string& message, const std::string& type = "agent.message") {
    return R"({"type":"event_start","event":{"type":")" + type + R"(","id":")" + message + R"("}})";
  }
  static std::string delta(const std::string& message, const std::string& text) {
    return R"({"type":"event_delta","event_id":")" + message +
           R"(","delta":{"type":"content_delta","index":0,"content":{"type":"text","text":")" + text +
           R"("}}})";
  }
  static std::string stored(const std::string& message) {
    return R"({"id":")" + message + R"(","type":"agent.message","content":[]})";
  }
  sse_client watch(int send_buffer = 0) {
    auto client = follow(id, std::string{with_previews}, "", send_buffer);
    settle(client);
    return client;
  }
  const std::string id = create();
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(live_previews_tests, fixture)

CAF_TEST(a message grows before the eyes of who asked for it) {
  auto client = watch();
  auto plain = follow(id);
  settle(plain);
  post_events(id, events({start("msg_1")}));
  post_events(id, events({delta("msg_1", "Hel")}));
  post_events(id, events({delta("msg_1", "lo"), stored("msg_1")}));
  settle(client);
  settle(plain);
  CAF_CHECK_EQUAL(client.order, "lpppe");
  CAF_CHECK(contains(client.previews.at(1), "Hel"));
  CAF_CHECK(contains(client.previews.at(2), "lo"));
  CAF_CHECK_EQUAL(client.last_id, "msg_1");
  CAF_CHECK_EQUAL(plain.order, "le");
  CAF_CHECK_EQUAL(log_of(id).size(), 1u);
}

CAF_TEST(previews keep their place between the events of one request) {
  auto client = watch();
  std::string expected = "l";
  for (int turn = 0; turn < 20; ++turn) {
    const auto message = "msg_" + std::to_string(turn);
    post_events(id, events({user("go on"), start(message), delta(message, "Hel"), stored(message)}));
    settle(client);
    expected += "eppe";
    CAF_CHECK_EQUAL(client.order, expected);
  }
}

CAF_TEST(who comes in the middle of a message sees no part of it) {
  post_events(id, events({start("msg_1")}));
  auto client = watch();
  post_events(id, events({delta("msg_1", "x")}));
  post_events(id, events({start("msg_2")}));
  post_events(id, events({delta("msg_1", "x"), delta("msg_2", "y")}));
  post_events(id, events({stored("msg_1")}));
  settle(client);
  CAF_CHECK_EQUAL(client.order, "lppe");
  CAF_CHECK(contains(client.previews.at(1), "msg_2"));
}

CAF_TEST(at every step between a request and previews nothing comes before its start) {
  for (const auto whose : all_turns) {
    bool more = true;
    for (std::size_t k = 0; more; ++k) {
      const auto message = "msg_" + std::to_string(k) + "x" + std::to_string(static_cast<int>(whose));
      auto client = follow(id, std::string{with_previews});
      more = steps(k, whose);
      begin_post(id, events({start(message)}));
      finish(whose);
      CAF_CHECK_EQUAL(end_call(), 200);
      post_events(id, events({delta(message, "x"), user("in between")}));
      post_events(id, events({delta(message, "y")}));
      post_events(id, events({stored(message)}));
      settle(client);
      const auto live = client.order.substr(std::min(client.order.find('l'), client.order.size()));
      if (client.previews.empty())
        CAF_CHECK_EQUAL(live, "lee");
      else
        CAF_CHECK_EQUAL(live, "lppepe");
      if (!client.previews.empty()) CAF_CHECK(contains(client.previews[0], "\"event_start\""));
      CAF_CHECK_EQUAL(seen(client, id), "1-" + std::to_string(log_of(id).size()));
      client.hang_up();
      pump();
    }
  }
}

CAF_TEST(who is blocked sees nothing more of a message that is open) {
  auto blocked = watch(4096);
  auto ready = watch();
  post_events(id, events({start("msg_1")}));
  pump();
  CAF_MESSAGE("both have seen the start; now one does not read");
  post_text(id, std::string(20'000, 'x'));
  post_events(id, events({delta("msg_1", "missed")}));
  settle(ready);
  settle(blocked);
  CAF_CHECK_EQUAL(blocked.order, "lpe");
  post_events(id, events({delta("msg_1", "more")}));
  post_events(id, events({stored("msg_1")}));
  settle(ready);
  settle(blocked);
  CAF_CHECK_EQUAL(ready.order, "lpeppe");
  CAF_CHECK_EQUAL(blocked.order, "lpee");
}

CAF_TEST(previews that come while a replay is blocked do not disturb it) {
  constexpr int n = 40;
  for (int i = 0; i < n; ++i) post_text(id, std::string(30'000, 'x'));
  auto client = follow(id, std::string{with_previews});
  const auto s = session_of(id);
  pump();
  CAF_MESSAGE("each time the socket has room the preview is there before the io thread notices");
  while (client.read()) {
    ask<append_answer>(s, appending(events({delta("msg_1", "x")})));
    run();
    pump();
  }
  CAF_CHECK_EQUAL(client.error, "");
  CAF_CHECK_EQUAL(seen(client, id), "1-" + std::to_string(n));
}

CAF_TEST(a preview may fill the socket itself) {
  auto client = watch(4096);
  post_events(id, events({start("msg_1")}));
  for (int i = 0; i < 20; ++i) post_events(id, events({delta("msg_1", std::string(3'000, 'x'))}));
  post_events(id, events({stored("msg_1")}));
  do pump();
  while (client.read(500));
  CAF_CHECK(client.order.starts_with("lp"));
  CAF_CHECK(client.order.ends_with("e"));
  CAF_CHECK(client.previews.size() > 1 && client.previews.size() < 21);
  CAF_CHECK_EQUAL(client.frames.size(), 1u);
}

CAF_TEST(the end of a model request ends what is open) {
  auto client = watch();
  post_events(id, events({start("msg_1"), R"({"type":"span.model_request_end","model_usage":{}})"}));
  post_events(id, events({delta("msg_1", "x")}));
  settle(client);
  CAF_CHECK_EQUAL(client.order, "lpe");
}

CAF_TEST(previews of a session that dies are over) {
  auto client = watch();
  post_events(id, events({start("msg_1")}));
  caf::anon_send_exit(session_of(id), caf::exit_reason::kill);
  pump();
  post_events(id, events({stored("msg_1")}));
  settle(client);
  CAF_CHECK_EQUAL(client.order, "lpe");
}

CAF_TEST(a thread that is behind drops previews for all) {
  auto client = watch();
  post_events(id, events({start("msg_1")}));
  settle(client);
  CAF_MESSAGE("the session has its say a few times too often before the io thread gets a turn");
  const auto s = session_of(id);
  for (int i = 0; i < max_unacknowledged_previews + 3; ++i) {
    ask<append_answer>(s, appending(events({delta("msg_1", std::to_string(i))})));
    run();
  }
  pump();
  ask<append_answer>(s, appending(events({delta("msg_1", "behind the gap")})));
  pump();
  ask<append_answer>(s, appending(events({stored("msg_1")})));
  pump();
  settle(client);
  CAF_CHECK_EQUAL(client.order, "lp" + std::string(max_unacknowledged_previews, 'p') + "e");
}

CAF_TEST_FIXTURE_SCOPE_END()
