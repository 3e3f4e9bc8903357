// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE access
#include "test/unit/http/support/http_fixture.hpp"

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

CAF_TEST_FIXTURE_SCOPE(access_tests, http_fixture)

CAF_TEST(without a good key nothing is shown) {
  add_session("sess_a");
  auto client = connect();
  for (const std::string headers : {"", "x-api-key: sk-sb-wrong\r\n", "x-api-key: sk-sb-revoked\r\n",
                                    "x-api-key: sk-sb-client\r\nAuthorization: Bearer sk-sb-viewer\r\n",
                                    "Authorization: Basic eA==\r\n"}) {
    for (const std::string path :
         {"/v1/sessions", "/v1/sessions/sess_a", "/v1/sessions/sess_none/events/stream"}) {
      const auto answer = get(client, path, headers);
      CAF_CHECK_EQUAL(status_of(answer), 401);
      CAF_CHECK(contains(answer, R"("type":"authentication_error")"));
      CAF_CHECK(contains(body_of(answer), header_of(answer, "request-id")));
    }
  }
  CAF_CHECK_EQUAL(world->look_ups, 0);
  CAF_CHECK_EQUAL(shard->keys.size(), 0u);  // bad keys take no memory
}

CAF_TEST(a viewer only reads) {
  add_session("sess_a");
  auto client = connect();
  const std::string viewer = "x-api-key: sk-sb-viewer\r\n";
  CAF_CHECK_EQUAL(status_of(get(client, "/v1/sessions/sess_a", viewer)), 200);
  for (const std::string path :
       {"/v1/sessions", "/v1/sessions/sess_a", "/v1/sessions/sess_a/archive", "/v1/sessions/sess_a/events"}) {
    const auto answer = post(client, path, "{}", viewer);
    CAF_CHECK_EQUAL(status_of(answer), 403);
    CAF_CHECK(contains(answer, R"("type":"permission_error")"));
  }
  CAF_CHECK_EQUAL(
      status_of(exchange(client, "DELETE /v1/sessions/sess_a HTTP/1.1\r\nHost: x\r\n" + viewer + "\r\n")),
      403);
}

CAF_TEST(a client may not send what runtimes send) {
  add_session("sess_a");
  auto client = connect();
  const std::string body = R"({"events":[{"type":"agent.message","content":[]}]})";
  CAF_CHECK_EQUAL(status_of(post(client, "/v1/sessions/sess_a/events", body)), 403);
  CAF_CHECK_EQUAL(status_of(post(client, "/v1/sessions/sess_a/events", body, "x-api-key: sk-sb-runtime\r\n")),
                  200);
}

CAF_TEST(one asks for a key again and the others go by what is known for a second) {
  add_session("sess_a");
  auto first = connect();
  auto second = connect();
  auto third = connect();
  CAF_CHECK_EQUAL(status_of(get(first, "/v1/sessions/sess_a")), 200);
  add_key("sk-sb-client", role::client, 1, true);
  pass(2s);
  world->mute = true;
  ask(first, "/v1/sessions/sess_a");
  CAF_CHECK_EQUAL(world->key_look_ups, 2);
  for (auto* client : {&second, &third}) CAF_CHECK_EQUAL(status_of(get(*client, "/v1/sessions/sess_a")), 200);
  CAF_CHECK_EQUAL(world->key_look_ups, 2);
  CAF_MESSAGE("but no longer");
  pass(1s);
  world->mute = false;
  CAF_CHECK_EQUAL(status_of(get(second, "/v1/sessions/sess_a")), 401);
  CAF_CHECK_EQUAL(world->key_look_ups, 3);
  CAF_CHECK_EQUAL(status_of(get(third, "/v1/sessions/sess_a")), 401);
}

CAF_TEST(a revoked key stops within seconds) {
  add_session("sess_a");
  auto client = connect();
  CAF_CHECK_EQUAL(status_of(get(client, "/v1/sessions/sess_a")), 200);
  add_key("sk-sb-client", role::client, 1, true);
  pass(1s);
  CAF_CHECK_EQUAL(status_of(get(client, "/v1/sessions/sess_a")), 200);
  pass(1s);
  CAF_CHECK_EQUAL(status_of(get(client, "/v1/sessions/sess_a")), 401);
  CAF_CHECK_EQUAL(shard->keys.size(), 0u);
  CAF_CHECK_EQUAL(world->key_look_ups, 2);
}

CAF_TEST(a key that was revoked while a body came is refused behind it) {
  add_session("sess_a");
  const std::string body = R"({"events":[{"type":"user.interrupt"}]})";
  const auto head = "POST /v1/sessions/sess_a/events HTTP/1.1\r\nHost: x\r\nContent-Length: " +
                    std::to_string(body.size()) + "\r\n" + std::string{key_header} + "\r\n";
  auto client = connect();
  CAF_CHECK_EQUAL(exchange(client, head + body.substr(0, 10)), "");
  pass(3s);
  CAF_CHECK_EQUAL(status_of(exchange(client, body.substr(10))), 200);
  CAF_CHECK_EQUAL(exchange(client, head + body.substr(0, 10)), "");
  add_key("sk-sb-client", role::client, 1, true);
  pass(3s);
  CAF_CHECK_EQUAL(status_of(exchange(client, body.substr(10))), 401);
  CAF_CHECK_EQUAL(world->logs["sess_a"]->appends.size(), 1u);
  CAF_CHECK_EQUAL(all->bytes_in->used(), 0);
}

CAF_TEST(when the store cannot be asked a known key counts for some seconds) {
  add_session("sess_a");
  auto client = connect();
  CAF_CHECK_EQUAL(status_of(get(client, "/v1/sessions/sess_a")), 200);
  world->key_error = failure{errc::unavailable, "busy"};
  pass(4s);
  CAF_CHECK_EQUAL(status_of(get(client, "/v1/sessions/sess_a")), 200);
  pass(1s);
  CAF_CHECK_EQUAL(status_of(get(client, "/v1/sessions/sess_a")), 503);
  CAF_CHECK_EQUAL(status_of(get(client, "/v1/sessions/sess_a", "x-api-key: sk-sb-viewer\r\n")), 503);
}

CAF_TEST(a store that does not answer has certainly written nothing) {
  add_session("sess_a");
  auto client = connect();
  world->mute = true;
  CAF_CHECK_EQUAL(post(client, "/v1/sessions/sess_a/events", R"({"events":[{"type":"user.interrupt"}]})"),
                  "");
  pass(options.request_timeout + 1s);
  const auto answer = client.receive();
  CAF_CHECK_EQUAL(status_of(answer), 503);
  CAF_CHECK_EQUAL(header_of(answer, "Retry-After"), "1");
  for (auto& promise : world->muted) promise.deliver(found_key{world->keys[sha256("sk-sb-client")]});
  pump();  // too late
  CAF_CHECK_EQUAL(client.receive(), "");
  CAF_CHECK(world->logs["sess_a"]->appends.empty());
}

CAF_TEST(another workspace sees nothing) {
  add_session("sess_a");
  auto key = std::make_shared<api_key>(*world->keys[sha256("sk-sb-client")]);
  key->id = 9;
  key->workspace = 2;
  world->keys[sha256("sk-sb-other")] = key;
  auto client = connect();
  const std::string other = "x-api-key: sk-sb-other\r\n";
  CAF_CHECK_EQUAL(status_of(get(client, "/v1/sessions/sess_a")), 200);
  const auto foreign = get(client, "/v1/sessions/sess_a", other);
  const auto unknown = get(client, "/v1/sessions/sess_b", other);
  CAF_CHECK_EQUAL(status_of(foreign), 404);
  CAF_CHECK_EQUAL(status_of(unknown), 404);
  const auto message = [](const std::string& answer) {
    return body_of(answer).substr(0, body_of(answer).find("request_id"));
  };
  CAF_CHECK_EQUAL(message(foreign), message(unknown));
}

CAF_TEST(preflights are answered before authentication) {
  options.cors_origins = {"https://a.example"};
  add_session("sess_a");
  auto client = connect();
  const auto answer = exchange(
      client,
      "OPTIONS /v1/sessions/sess_a/events HTTP/1.1\r\nHost: x\r\nOrigin: https://a.example\r\n"
      "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: idempotency-key\r\n\r\n");
  CAF_CHECK_EQUAL(status_of(answer), 204);
  CAF_CHECK_EQUAL(header_of(answer, "Content-Length"), "(none)");
  CAF_CHECK_EQUAL(header_of(answer, "Access-Control-Allow-Methods"), "GET, HEAD, POST, OPTIONS");
  CAF_CHECK_EQUAL(header_of(answer, "Access-Control-Allow-Headers"), "idempotency-key");
  CAF_CHECK_EQUAL(header_of(answer, "Access-Control-Allow-Origin"), "https://a.example");
  CAF_CHECK_EQUAL(header_of(answer, "Vary"), "Origin");
  const std::string with_origin = std::string{key_header} + "Origin: https://a.example\r\n";
  for (const std::string path :
       {"/v1/sessions/sess_a", "/v1/sessions/sess_none", "/v1/sessions/sess_a/events/stream"}) {
    const auto shown = get(client, path, with_origin);
    CAF_CHECK_EQUAL(header_of(shown, "Access-Control-Allow-Origin"), "https://a.example");
    CAF_CHECK_EQUAL(header_of(shown, "Vary"), "Origin");
  }
}

CAF_TEST(a page sees why its bad head was refused) {
  options.cors_origins = {"https://a.example"};
  auto client = connect();
  const auto answer = exchange(
      client, "GET /v1/sessions HTTP/1.1\r\nHost: x\r\nHost: y\r\norigin: https://a.example\r\n\r\n");
  CAF_CHECK_EQUAL(status_of(answer), 400);
  CAF_CHECK_EQUAL(header_of(answer, "Access-Control-Allow-Origin"), "https://a.example");
}

CAF_TEST(every answer tells its time and is not to be stored) {
  add_session("sess_a");
  auto client = connect();
  for (const std::string path : {"/v1/sessions/sess_a", "/v1/sessions/sess_none", "/v1/nothing"}) {
    const auto answer = get(client, path);
    CAF_CHECK_EQUAL(header_of(answer, "Date"), "Thu, 28 May 2026 20:26:40 GMT");
    CAF_CHECK_EQUAL(header_of(answer, "Cache-Control"), "no-store");
  }
  const auto refused = exchange(client, "nonsense\r\n\r\n");
  CAF_CHECK_EQUAL(status_of(refused), 400);
  CAF_CHECK_EQUAL(header_of(refused, "Date"), "Thu, 28 May 2026 20:26:40 GMT");
  auto reader = connect();
  const auto stream = get(reader, "/v1/sessions/sess_a/events/stream");
  CAF_CHECK_EQUAL(header_of(stream, "Date"), "Thu, 28 May 2026 20:26:40 GMT");
  CAF_CHECK_EQUAL(header_of(stream, "Cache-Control"), "no-cache, no-transform");
}

CAF_TEST(options tells the methods of a path or of the whole server) {
  auto client = connect();
  const std::pair<std::string, std::string> rows[] = {
      {"/v1/sessions", "GET, HEAD, POST, OPTIONS"},
      {"/v1/sessions/sess_none/events/stream", "GET, HEAD, OPTIONS"},
      {"*", "GET, HEAD, POST, DELETE, OPTIONS"},
  };
  for (const auto& [path, allow] : rows) {
    const auto answer =
        exchange(client, "OPTIONS " + path + " HTTP/1.1\r\nHost: x\r\nOrigin: https://a.example\r\n\r\n");
    CAF_CHECK_EQUAL(status_of(answer), 204);
    CAF_CHECK_EQUAL(header_of(answer, "Allow"), allow);
    CAF_CHECK_EQUAL(header_of(answer, "Access-Control-Allow-Origin"), "(none)");
  }
  const auto unknown = exchange(client, "OPTIONS /v1/nothing HTTP/1.1\r\nHost: x\r\n\r\n");
  CAF_CHECK_EQUAL(status_of(unknown), 404);
}

CAF_TEST_FIXTURE_SCOPE_END()
