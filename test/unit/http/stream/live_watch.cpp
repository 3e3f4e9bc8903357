// SPDX-License-Identifier: Apache-2.0
// Streams of all sessions of a workspace, over real connections, sessions and store.
#define CAF_SUITE live_watch
#include "test/unit/http/support/live_fixture.hpp"

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

const std::string caught_up = "event: ping\ndata: {\"type\":\"ping\",\"caught_up\":true}\n\n";

struct fixture : live_fixture {
  client_end watch(const std::string& query = "", int send_buffer = 0) {
    auto client = dial(http_surface::api, send_buffer);
    client.send(get_request("/v1/sessions/stream" + query, key_header));
    return client;
  }
  /// Time passes for actors and deadlines alike, as long as anything can come of it.
  void settle(std::chrono::milliseconds d = 1s) {
    for (; d > 0ms; d -= 50ms) {
      pump();
      sched.advance_time(50ms);
    }
    pump();
  }
  /// The body that has come since, without its chunks.
  std::string read(client_end& client) {
    settle();
    auto text = client.receive();
    if (text.starts_with("HTTP/1.1")) {
      CAF_CHECK_EQUAL(status_of(text), 200);
      text = body_of(text);
    }
    return text.empty() ? text : unchunk(text, true);
  }
  /// `sess_a:running`, a frame each; `ping` and `heartbeat`.
  std::string heard(client_end& client) {
    auto body = read(client);
    std::string text;
    while (!body.empty()) {
      const auto end = body.find("\n\n");
      CAF_REQUIRE(end != body.npos);
      const auto frame = body.substr(0, end + 2);
      body.erase(0, end + 2);
      CAF_CHECK(!contains(frame, "\nid:"));
      text += (text.empty() ? "" : " ") + name_of_frame(frame);
    }
    return text;
  }
  static std::string name_of_frame(const std::string& frame) {
    if (frame == caught_up) return "ping";
    if (frame == ": keep-alive\n\n") return "heartbeat";
    if (frame.starts_with("event: message\ndata: {\"type\":\"session.deleted\""))
      return "-" + field(frame, "id");
    CAF_CHECK(frame.starts_with("event: message\ndata: {\"type\":\"session.summary\",\"session\":{\"id\":"));
    return field(frame, "id") + ":" + field(frame, "status");
  }
  static std::string field(const std::string& frame, const std::string& name) {
    const auto start = frame.find('"' + name + "\":\"");
    if (start == frame.npos) return "?";
    const auto from = start + name.size() + 4;
    return frame.substr(from, frame.find('"', from) - from);
  }
  void set_status(const std::string& id, const std::string& status) {
    post_events(id, events({status == "idle" ? idle() : R"({"type":"session.status_)" + status + R"("})"}));
  }
  std::string make() {
    test_now += 1s;
    return create();
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(live_watch_tests, fixture)

CAF_TEST(a stream begins with the newest sessions and goes on with what changes) {
  const auto a = make(), b = make(), c = make();
  auto client = watch("?limit=2");
  CAF_CHECK_EQUAL(heard(client), b + ":idle " + c + ":idle ping");
  set_status(b, "running");
  CAF_CHECK_EQUAL(heard(client), b + ":running");
  const auto d = make();
  CAF_CHECK_EQUAL(heard(client), d + ":idle");
  set_status(a, "running");
  CAF_CHECK_EQUAL(heard(client), a + ":running");
  set_status(a, "idle");
  CAF_CHECK_EQUAL(heard(client), a + ":idle");
  begin_call("DELETE", a);
  pump();
  CAF_CHECK_EQUAL(end_call(), 200);
  CAF_CHECK_EQUAL(heard(client), "-" + a);
  begin_call("POST", c + "/archive");
  pump();
  CAF_CHECK_EQUAL(end_call(), 200);
  CAF_CHECK_EQUAL(heard(client), c + ":idle");
}

CAF_TEST(a stream may begin with nothing or with more than one page) {
  std::string all;
  for (int i = 0; i < 130; ++i) all += make() + ":idle ";
  auto none = watch("?limit=0");
  CAF_CHECK_EQUAL(heard(none), "ping");
  auto every = watch("?limit=1000");
  CAF_CHECK_EQUAL(heard(every), all + "ping");
  auto usual = watch();
  CAF_CHECK_EQUAL(heard(usual), all.substr(30 * (all.size() / 130)) + "ping");
  for (auto* c : {&none, &every, &usual}) c->hang_up();
}

CAF_TEST(filters are those of the list) {
  const auto a = make(), b = make();
  set_status(b, "running");
  auto client = watch("?statuses=running");
  CAF_CHECK_EQUAL(heard(client), b + ":running ping");
  set_status(a, "running");
  CAF_CHECK_EQUAL(heard(client), a + ":running");
  CAF_MESSAGE("one that does not pass any more is told once, as it then is");
  set_status(a, "idle");
  CAF_CHECK_EQUAL(heard(client), a + ":idle");
  post_text(a, "more");
  CAF_CHECK_EQUAL(heard(client), "");
  auto other = connect();
  for (const auto* bad : {"statuses=odd", "limit=1001", "limit=x", "created_at_gte=x", "agent_id="})
    CAF_CHECK_EQUAL(status_of(get(other, "/v1/sessions/stream?" + std::string{bad})), 400);
}

CAF_TEST(what nobody changes is kept alive) {
  make();
  auto client = watch("?limit=0");
  CAF_CHECK_EQUAL(heard(client), "ping");
  pass(options.stream_heartbeat + 1s);
  CAF_CHECK_EQUAL(heard(client), "heartbeat");
}

CAF_TEST(a client that is slow gets last states) {
  const auto a = make(), b = make();
  auto client = watch("?limit=0", 4096);
  CAF_CHECK_EQUAL(heard(client), "ping");
  for (int i = 0; i < 60; ++i) {
    post_text(i % 2 == 0 ? a : b, std::to_string(i));
    settle(300ms);
  }
  std::string body;
  for (auto more = read(client); !more.empty(); more = read(client)) body += more;
  CAF_CHECK(contains(body, R"("log":{"events":30,)"));
  CAF_CHECK(body.rfind("\"" + a + "\"") != body.npos && body.rfind("\"" + b + "\"") != body.npos);
}

CAF_TEST(a revoked key ends the stream and so does a shutdown) {
  auto client = watch();
  CAF_CHECK_EQUAL(heard(client), "ping");
  revoke(key);
  pass(3s);
  pass(2s);
  CAF_CHECK(contains(read(client),
                     "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"authentication_error\""));
  key = make_key(role::viewer);
  key_header = header_with(key.secret);
  auto next = watch();
  CAF_CHECK_EQUAL(heard(next), "ping");
  for (auto& c : connections) caf::anon_send(c, begin_drain{});
  CAF_CHECK(contains(read(next), R"("closing":"shutdown"})"));
}

CAF_TEST(streams of a key are bounded) {
  options.max_streams_per_key = 2;
  auto one = watch(), two = watch();
  CAF_CHECK_EQUAL(heard(one), "ping");
  CAF_CHECK_EQUAL(heard(two), "ping");
  auto three = connect();
  CAF_CHECK_EQUAL(status_of(get(three, "/v1/sessions/stream")), 429);
  one.hang_up();
  pump();
  CAF_CHECK_EQUAL(status_of(get(three, "/v1/sessions/stream")), 200);
  two.hang_up();
  three.hang_up();
  pump();
  CAF_CHECK(!environment->is_watched->load());
}

CAF_TEST(a HEAD tells that there is such a stream) {
  auto client = connect();
  client.send("HEAD /v1/sessions/stream HTTP/1.1\r\nHost: x\r\n" + key_header + "\r\n");
  settle();
  const auto text = client.receive();
  CAF_CHECK_EQUAL(status_of(text), 200);
  CAF_CHECK_EQUAL(body_of(text), "");
  CAF_CHECK(contains(text, "Content-Type: text/event-stream"));
  CAF_CHECK(!environment->is_watched->load());
}

CAF_TEST_FIXTURE_SCOPE_END()
