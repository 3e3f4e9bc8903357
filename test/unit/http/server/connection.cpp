// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE connection
#include "test/unit/http/support/http_fixture.hpp"
// The framework's header comes first.
#include <spdlog/fmt/fmt.h>

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

CAF_TEST_FIXTURE_SCOPE(connection_tests, http_fixture)

CAF_TEST(serves requests one after another) {
  add_session("sess_a");
  auto client = connect();
  for (int i = 0; i < 3; ++i) {
    const auto answer = get(client, "/v1/sessions/sess_a");
    CAF_CHECK_EQUAL(status_of(answer), 200);
    CAF_CHECK(contains(body_of(answer), R"("id":"sess_a")"));
    CAF_CHECK_EQUAL(header_of(answer, "Connection"), "(none)");
    CAF_CHECK_EQUAL(header_of(answer, "Content-Type"), "application/json");
    CAF_CHECK_EQUAL(header_of(answer, "Content-Length"), std::to_string(body_of(answer).size()));
    CAF_CHECK(header_of(answer, "request-id").starts_with("req_"));
  }
  CAF_CHECK_EQUAL(world->look_ups, 1);
  CAF_CHECK_EQUAL(world->key_look_ups, 1);
  CAF_CHECK(!client.closed());
}

CAF_TEST(answers pipelined requests in order) {
  add_session("sess_a");
  add_session("sess_b");
  auto client = connect();
  const auto request = [this](const std::string& id) {
    return get_request("/v1/sessions/" + id, key_header);
  };
  const auto all = exchange(client, request("sess_a") + request("sess_none") + request("sess_b"));
  const auto a = all.find(R"("id":"sess_a")");
  const auto none = all.find("404 Not Found");
  const auto b = all.find(R"("id":"sess_b")");
  CAF_REQUIRE(a != all.npos && none != all.npos && b != all.npos);
  CAF_CHECK(a < none);
  CAF_CHECK(none < b);
}

CAF_TEST(takes a request byte by byte) {
  add_session("sess_a");
  auto client = connect();
  const std::string body = R"({"events":[{"type":"user.message","content":[{"type":"text","text":"hi"}]}]})";
  // Two chunks, one with an extension, and a trailer.
  const std::string request =
      "POST /v1/sessions/sess_a/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n" +
      std::string{key_header} + "\r\nA;x=y\r\n" + body.substr(0, 10) + "\r\n" +
      fmt::format("{:x}", body.size() - 10) + "\r\n" + body.substr(10) + "\r\n0\r\nTrailer: t\r\n\r\n";
  std::string answer;
  for (const auto c : request) answer += exchange(client, std::string_view{&c, 1});
  CAF_CHECK_EQUAL(status_of(answer), 200);
  CAF_REQUIRE_EQUAL(world->logs["sess_a"]->appends.size(), 1u);
  CAF_CHECK_EQUAL(body_of(answer), R"({"data":[)" + world->logs["sess_a"]->json(1) + "]}");
}

CAF_TEST(head has the headers of get and no body) {
  add_session("sess_a");
  auto client = connect();
  const auto with_body = get(client, "/v1/sessions/sess_a");
  const auto without =
      exchange(client, "HEAD /v1/sessions/sess_a HTTP/1.1\r\nHost: x\r\n" + std::string{key_header} + "\r\n");
  CAF_CHECK_EQUAL(body_of(without), "");
  CAF_CHECK_EQUAL(header_of(without, "Content-Length"), header_of(with_body, "Content-Length"));
}

CAF_TEST(http 1 0 closes unless asked to keep alive) {
  add_session("sess_a");
  auto client = connect();
  const auto request = "GET /v1/sessions/sess_a HTTP/1.0\r\n" + std::string{key_header};
  const auto kept = exchange(client, request + "Connection: keep-alive\r\n\r\n");
  CAF_CHECK_EQUAL(header_of(kept, "Connection"), "keep-alive");
  CAF_CHECK(!client.closed());
  const auto last = exchange(client, request + "\r\n");
  CAF_CHECK_EQUAL(header_of(last, "Connection"), "close");
  CAF_CHECK(client.closed());
}

CAF_TEST(sends continue only when the body is welcome) {
  add_session("sess_a");
  auto client = connect();
  const std::string body = R"({"events":[{"type":"user.message","content":[{"type":"text","text":"hi"}]}]})";
  const auto head = [&](std::string_view key) {
    return "POST /v1/sessions/sess_a/events HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\nx-api-key: " + std::string{key} + "\r\n\r\n";
  };
  CAF_CHECK_EQUAL(exchange(client, head("sk-sb-client")), "HTTP/1.1 100 Continue\r\n\r\n");
  CAF_CHECK_EQUAL(status_of(exchange(client, body)), 200);
  const auto refused = exchange(client, head("sk-sb-wrong"));
  CAF_CHECK_EQUAL(status_of(refused), 401);
  CAF_CHECK_EQUAL(header_of(refused, "Connection"), "close");
  CAF_CHECK(client.closed());
}

CAF_TEST(a body beyond the limit is refused before it is read) {
  options.max_body_bytes = 1000;
  add_session("sess_a");
  auto client = connect();
  const auto answer =
      exchange(client, "POST /v1/sessions/sess_a/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n" +
                           std::string{key_header} + "\r\n");
  CAF_CHECK_EQUAL(status_of(answer), 413);
  CAF_CHECK(contains(answer, "request_too_large"));
  CAF_CHECK(client.closed());
  auto second = connect();
  std::string chunked =
      "POST /v1/sessions/sess_a/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n" +
      std::string{key_header} + "\r\n";
  for (int i = 0; i < 11; ++i) chunked += "64\r\n" + std::string(100, 'x') + "\r\n";
  CAF_CHECK_EQUAL(status_of(exchange(second, chunked)), 413);
}

CAF_TEST(pipelined requests that are answered at once do not pile up) {
  auto client = connect();
  CAF_CHECK_EQUAL(status_of(get(client, "/v1/sessions/!")), 404);
  const auto one = get_request("/v1/sessions/!", key_header);
  std::string many;
  for (int i = 0; i < 20'000; ++i) many += one;
  std::size_t answers = 0;
  const std::string_view mark = "HTTP/1.1 404";
  std::string got;
  for (std::string_view left = many; !left.empty(); got += client.receive()) {
    left.remove_prefix(client.send(left));
    pump();
  }
  pump();
  got += receive_all(client);
  for (auto pos = got.find(mark); pos != got.npos; pos = got.find(mark, pos + 1)) ++answers;
  CAF_CHECK_EQUAL(answers, 20'000u);
  CAF_CHECK_EQUAL(status_of(get(client, "/v1/sessions/!")), 404);
}

CAF_TEST(a stop waits for half a second at most for who lingers) {
  auto client = connect();
  CAF_CHECK_EQUAL(status_of(exchange(client, "nonsense\r\n\r\n")), 400);
  caf::anon_send(connections.back(), begin_drain{});
  pump();
  pass(1s);
  CAF_CHECK_EQUAL(all->counters.connections.load(), 0);
}

CAF_TEST(room for a body is taken as it comes) {
  options.max_bytes_in = options.max_bytes_in_per_key = 1000;
  add_session("sess_a");
  const auto head = [this](int length) {
    return "POST /v1/sessions/sess_a/events HTTP/1.1\r\nHost: x\r\nContent-Length: " +
           std::to_string(length) + "\r\n" + std::string{key_header} + "\r\n";
  };
  std::vector<client_end> announced;
  for (int i = 0; i < 20; ++i) {
    announced.push_back(connect());
    CAF_CHECK_EQUAL(exchange(announced.back(), head(1000)), "");
  }
  CAF_CHECK_EQUAL(all->bytes_in->used(), 0);
  CAF_CHECK_EQUAL(exchange(announced[0], std::string(600, 'x')), "");
  CAF_CHECK_EQUAL(all->bytes_in->used(), 600);
  CAF_CHECK_EQUAL(status_of(exchange(announced[1], std::string(600, 'x'))), 429);
  announced[0].hang_up();
  pump();
  CAF_CHECK_EQUAL(all->bytes_in->used(), 0);
}

CAF_TEST(who still sends gets to see the refusal) {
  options.max_body_bytes = 100'000;
  auto client = connect();
  auto answer = exchange(client, "POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 100001\r\n\r\n");
  CAF_CHECK_EQUAL(status_of(answer), 413);
  for (int i = 0; i < 7; ++i) {
    client.send("some");
    pass(4s);
    CAF_CHECK_EQUAL(all->counters.connections.load(), 1);
  }
  client.send("some");
  pass(4s);  // half a minute in all
  CAF_CHECK_EQUAL(all->counters.connections.load(), 0);
}

CAF_TEST(who sends no more gets five seconds to close) {
  auto client = connect();
  CAF_CHECK_EQUAL(status_of(exchange(client, "nonsense\r\n\r\n")), 400);
  pass(4s);
  CAF_CHECK_EQUAL(all->counters.connections.load(), 1);
  pass(2s);
  CAF_CHECK_EQUAL(all->counters.connections.load(), 0);
}

CAF_TEST(who is turned away is told so and let go of) {
  add_session("sess_a");
  auto client = connect();
  auto late = dial(http_surface::api, 0, connection::admission::turned_away);
  pump();
  const auto answer = get(late, "/v1/sessions/sess_a");
  CAF_CHECK_EQUAL(status_of(answer), 503);
  CAF_CHECK_EQUAL(header_of(answer, "Connection"), "close");
  CAF_CHECK(contains(answer, "http.max_connections"));
  auto operators = dial(http_surface::admin, 0, connection::admission::turned_away);
  CAF_CHECK(contains(get(operators, "/readyz"), "to the admin listener"));
  CAF_CHECK_EQUAL(status_of(get(client, "/v1/sessions/sess_a")), 200);
  pass(2s);
  CAF_CHECK_EQUAL(all->counters.connections.load(), 1);
}

CAF_TEST(a body of the admin listener is no next request) {
  auto client = connect(http_surface::admin);
  const auto answers = exchange(client,
                                "GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 37\r\n\r\n"
                                "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n123"
                                "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n");
  CAF_CHECK_EQUAL(status_of(answers), 200);
  CAF_CHECK(!contains(answers, "404"));
  CAF_CHECK(contains(answers, R"({"status":"ready"})"));
}

CAF_TEST(an error with a whole body keeps the connection) {
  add_session("sess_a");
  auto client = connect();
  const auto answer = post(client, "/v1/nothing", "{}");
  CAF_CHECK_EQUAL(status_of(answer), 404);
  CAF_CHECK_EQUAL(header_of(answer, "Connection"), "(none)");
  CAF_CHECK_EQUAL(status_of(get(client, "/v1/sessions/sess_a")), 200);
}

CAF_TEST(request bodies in flight are bounded) {
  options.max_bytes_in_per_key = 1000;
  options.max_bytes_in = 1500;
  auto log = add_session("sess_a");
  log->hold = true;
  const std::string event = R"({"events":[{"type":"user.message","content":[{"type":"text","text":")";
  const auto body = event + std::string(700, 'x') + R"("}]}]})";
  auto first = connect();
  CAF_CHECK_EQUAL(post(first, "/v1/sessions/sess_a/events", body), "");
  auto second = connect();
  const auto limited = post(second, "/v1/sessions/sess_a/events", body);
  CAF_CHECK_EQUAL(status_of(limited), 429);
  CAF_CHECK_EQUAL(header_of(limited, "Retry-After"), "1");
  auto third = connect();
  const auto overloaded = post(third, "/v1/sessions/sess_a/events", body, "x-api-key: sk-sb-runtime\r\n");
  CAF_CHECK_EQUAL(status_of(overloaded), 503);
  CAF_CHECK(contains(overloaded, "overloaded_error"));
  for (auto& go : std::exchange(log->held, {})) go();
  log->hold = false;
  pump();
  CAF_CHECK_EQUAL(status_of(first.receive()), 200);
  CAF_CHECK_EQUAL(all->bytes_in->used(), 0);
  auto fourth = connect();
  CAF_CHECK_EQUAL(status_of(post(fourth, "/v1/sessions/sess_a/events", body)), 200);
}

CAF_TEST(a client that hangs up leaves nothing behind) {
  add_session("sess_a")->hold = true;
  auto client = connect();
  post(client, "/v1/sessions/sess_a/events", R"({"events":[{"type":"user.interrupt"}]})");
  client.hang_up();
  auto log = world->logs["sess_a"];
  for (auto& go : std::exchange(log->held, {})) go();
  pump();
  CAF_CHECK_EQUAL(all->counters.connections.load(), 0);
  CAF_CHECK_EQUAL(all->bytes_in->used(), 0);
}

// --- time -----------------------------------------------------------------------------------------

CAF_TEST(a connection without a request is closed) {
  auto client = connect();
  pass(options.header_timeout - 1s);
  client.receive();
  CAF_CHECK(!client.closed());
  pass(2s);
  client.receive();
  CAF_CHECK(client.closed());
}

CAF_TEST(a slow head is closed however often bytes come) {
  add_session("sess_a");
  auto client = connect();
  CAF_CHECK_EQUAL(status_of(get(client, "/v1/sessions/sess_a")), 200);
  pass(5s);
  client.send("GET /v1");
  pump();
  for (int i = 0; i < 11; ++i) {
    client.send("x");
    pump();
    pass(1s);
  }
  client.receive();
  CAF_CHECK(client.closed());
}

CAF_TEST(an idle connection is closed later than a slow one) {
  add_session("sess_a");
  auto client = connect();
  get(client, "/v1/sessions/sess_a");
  pass(options.idle_timeout - 1s);
  CAF_CHECK_EQUAL(status_of(get(client, "/v1/sessions/sess_a")), 200);
  pass(options.idle_timeout + 1s);
  client.receive();
  CAF_CHECK(client.closed());
}

CAF_TEST(a slow body is closed) {
  add_session("sess_a");
  auto client = connect();
  exchange(client, "POST /v1/sessions/sess_a/events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n" +
                       std::string{key_header} + "\r\n{");
  pass(options.body_timeout - 1s);
  client.receive();
  CAF_CHECK(!client.closed());
  exchange(client, " ");
  pass(2s);
  client.receive();
  CAF_CHECK(client.closed());
}

CAF_TEST(an append without an answer is 500 with unknown outcome) {
  auto log = add_session("sess_a");
  log->hold = true;
  auto client = connect();
  post(client, "/v1/sessions/sess_a/events", R"({"events":[{"type":"user.interrupt"}]})");
  pass(options.request_timeout + 1s);
  const auto answer = client.receive();
  CAF_CHECK_EQUAL(status_of(answer), 500);
  CAF_CHECK_EQUAL(header_of(answer, "x-should-retry"), "false");
  CAF_CHECK_EQUAL(header_of(answer, "Connection"), "close");
  for (auto& go : std::exchange(log->held, {})) go();
  pump();
  CAF_CHECK_EQUAL(client.receive(), "");
}

CAF_TEST(a client that takes nothing is closed) {
  auto log = add_session("sess_a");
  log->add(1000, "agent.message", 1000);
  auto client = connect(http_surface::api, 4096);
  ask(client, "/v1/sessions/sess_a/events");
  pass(options.write_timeout - 1s);
  CAF_CHECK_EQUAL(all->counters.connections.load(), 1);
  CAF_CHECK(!client.receive(1000).empty());
  pump();
  pass(2s);
  CAF_CHECK_EQUAL(all->counters.connections.load(), 0);
  CAF_CHECK_EQUAL(all->bytes_out.used(), 0);
}

// --- shutting down ----------------------------------------------------------------------------------

CAF_TEST(draining closes idle connections and finishes requests) {
  auto log = add_session("sess_a");
  auto idle = connect();
  get(idle, "/v1/sessions/sess_a");
  auto busy = connect();
  log->hold = true;
  post(busy, "/v1/sessions/sess_a/events", R"({"events":[{"type":"user.interrupt"}]})");
  for (auto& c : connections) caf::anon_send(c, begin_drain{});
  pump();
  idle.receive();
  CAF_CHECK(idle.closed());
  CAF_CHECK_EQUAL(busy.receive(), "");
  CAF_CHECK(!busy.closed());
  for (auto& go : std::exchange(log->held, {})) go();
  pump();
  const auto answer = busy.receive();
  CAF_CHECK_EQUAL(status_of(answer), 200);
  CAF_CHECK_EQUAL(header_of(answer, "Connection"), "close");
  CAF_CHECK(busy.closed());
  busy.hang_up();
  pump();
  CAF_CHECK_EQUAL(all->counters.connections.load(), 0);
}

CAF_TEST(a request that is there when draining begins is answered) {
  add_session("sess_a");
  auto client = connect();
  get(client, "/v1/sessions/sess_a");
  client.send(get_request("/v1/sessions/sess_a", key_header));
  for (auto& c : connections) caf::anon_send(c, begin_drain{});
  pump();
  const auto answer = client.receive();
  CAF_CHECK_EQUAL(status_of(answer), 200);
  CAF_CHECK_EQUAL(header_of(answer, "Connection"), "close");
  CAF_CHECK(client.closed());
}

CAF_TEST(what is asked behind an answer under way is answered while draining) {
  add_session("sess_a")->add(40, "agent.message", 1000);
  auto client = connect(http_surface::api, 4096);
  ask(client, "/v1/sessions/sess_a/events?limit=40");
  client.send(get_request("/v1/sessions/sess_a", key_header));
  for (auto& c : connections) caf::anon_send(c, begin_drain{});
  pump();
  const auto answers = receive_all(client);
  const auto second = answers.find("HTTP/1.1 200 OK", 1);
  CAF_REQUIRE(second != answers.npos);
  CAF_CHECK_EQUAL(header_of(answers.substr(0, second), "Connection"), "(none)");
  CAF_CHECK_EQUAL(header_of(answers.substr(second), "Connection"), "close");
  CAF_CHECK(client.closed());
}

CAF_TEST(aborting cuts everything) {
  auto log = add_session("sess_a");
  log->hold = true;
  auto busy = connect();
  post(busy, "/v1/sessions/sess_a/events", R"({"events":[{"type":"user.interrupt"}]})");
  auto streaming = connect();
  get(streaming, "/v1/sessions/sess_a/events/stream");
  for (auto& c : connections) caf::anon_send(c, abort_now{});
  pump();
  CAF_CHECK_EQUAL(all->counters.connections.load(), 0);
  for (auto& go : std::exchange(log->held, {})) go();
  pump();
  busy.receive();
  CAF_CHECK(busy.closed());
}

CAF_TEST_FIXTURE_SCOPE_END()
