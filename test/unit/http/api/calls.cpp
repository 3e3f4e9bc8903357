// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE calls
#include "test/unit/http/support/http_fixture.hpp"

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view one_event =
    R"({"events":[{"type":"user.message","content":[{"type":"text","text":"hi"}]}]})";

/// So many characters of two bytes.
std::string utf8_text(int characters) {
  std::string text;
  for (int i = 0; i < characters; ++i) text += "\u00e4";
  return text;
}

}  // namespace

CAF_TEST_FIXTURE_SCOPE(call_tests, http_fixture)

CAF_TEST(an append carries what the session needs) {
  auto log = add_session("sess_a");
  auto client = connect();
  const auto path = "/v1/sessions/sess_a/events";
  CAF_CHECK_EQUAL(status_of(post(client, path, one_event)), 200);
  CAF_CHECK_EQUAL(log->appends.back().author, 1);
  CAF_CHECK(!log->appends.back().is_retry);
  CAF_CHECK_EQUAL(log->appends.back().idempotency_key, "");
  post(client, path, one_event,
       std::string{key_header} + "Idempotency-Key: key 1\r\nx-stainless-retry-count: 1\r\n");
  CAF_CHECK(log->appends.back().is_retry);
  CAF_CHECK_EQUAL(log->appends.back().idempotency_key, "key 1");
  CAF_CHECK(log->appends.back().body == sha256(one_event));
  post(client, path, one_event, std::string{key_header} + "x-stainless-retry-count: 0\r\n");
  CAF_CHECK(!log->appends.back().is_retry);
}

CAF_TEST(a large answer is the stored events byte for byte) {
  auto log = add_session("sess_a");
  auto client = connect();
  std::string body = R"({"events":[)";
  for (int i = 0; i < 50; ++i) body += std::string{i ? "," : ""} + R"({"type":"user.interrupt"})";
  const auto answer = post(client, "/v1/sessions/sess_a/events", body + "]}");
  std::string expected = R"({"data":[)";
  for (seq_t seq = 1; seq <= 50; ++seq) expected += (seq > 1 ? "," : "") + log->json(seq);
  CAF_CHECK_EQUAL(body_of(answer), expected + "]}");
}

CAF_TEST(a redaction carries the reason and shows the tombstone) {
  auto log = add_session("sess_a");
  log->add(2, "user.message");
  auto client = connect();
  const std::string runtime = "x-api-key: sk-sb-runtime\r\n";
  const std::string id{log->blocks.front()->id(2)};
  const auto path = "/v1/sessions/sess_a/events/" + id + "/redact";
  const auto answer = post(client, path, R"({"reason":"a \"key\"","other":1})", runtime);
  CAF_CHECK_EQUAL(status_of(answer), 200);
  CAF_CHECK(contains(body_of(answer), R"("redacted":{"at":"2)"));
  CAF_CHECK(contains(body_of(answer), R"("reason":"a \"key\""},"processed_at")"));
  CAF_CHECK_EQUAL(log->redactions.back().id, id);
  CAF_CHECK_EQUAL(status_of(post(client, path, "", runtime)), 200);
  CAF_CHECK_EQUAL(log->redactions.back().reason, "");
  CAF_CHECK_EQUAL(status_of(post(client, path, "{\"reason\":\"" + utf8_text(200) + "\"}", runtime)), 200);
  CAF_CHECK_EQUAL(log->redactions.size(), 3u);
  const std::pair<std::string, std::string> bad[] = {
      {"[]", "body: must be an object"},
      {R"({"reason":7})", "reason: must be a string"},
      {"{\"reason\":\"" + utf8_text(201) + "\"}", "reason: must have at most 200 characters"},
      {"{", "body: "},
  };
  for (const auto& [body, why] : bad) {
    const auto refused = post(client, path, body, runtime);
    CAF_CHECK_EQUAL(status_of(refused), 400);
    CAF_CHECK(contains(refused, why));
  }
  for (const auto* key : {"sk-sb-client", "sk-sb-viewer"})
    CAF_CHECK_EQUAL(status_of(post(client, path, "", std::string{"x-api-key: "} + key + "\r\n")), 403);
  for (const std::string unknown : {"sevt_1", "%2E%2E", "no id"})
    CAF_CHECK_EQUAL(status_of(post(client, "/v1/sessions/sess_a/events/" + unknown + "/redact", "", runtime)),
                    unknown.find(' ') == unknown.npos ? 404 : 400);
  CAF_CHECK_EQUAL(log->redactions.size(), 4u);
}

CAF_TEST(what changes a session carries what its request holds) {
  auto log = add_session("sess_a");
  log->add(1, "user.message");
  auto client = connect();
  const std::string runtime = "x-api-key: sk-sb-runtime\r\n";
  const std::string session = "/v1/sessions/sess_a";
  const auto long_title = R"({"title":")" + std::string(10'000, 't') + "\"}";
  CAF_CHECK_EQUAL(status_of(post(client, session, long_title, runtime)), 200);
  CAF_CHECK_EQUAL(status_of(post(client, session + "/archive", "", runtime)), 200);
  CAF_CHECK_EQUAL(status_of(post(client, session + "/events/" + log->id(1) + "/redact", "", runtime)), 200);
  const std::vector<std::int64_t> expected = {static_cast<std::int64_t>(long_title.size()),
                                              request_lease::least_bytes, request_lease::least_bytes};
  CAF_CHECK_EQUAL(log->leased, expected);
  CAF_CHECK_EQUAL(all->bytes_in->used(), 0);
}

CAF_TEST(idempotency keys are checked) {
  add_session("sess_a");
  auto client = connect();
  for (const auto& bad : {std::string{}, std::string(256, 'x'), std::string{"k\xc3\xa4y"}})
    for (const std::string path : {"/v1/sessions", "/v1/sessions/sess_a/events"}) {
      const auto answer =
          post(client, path, one_event, std::string{key_header} + "Idempotency-Key: " + bad + "\r\n");
      CAF_CHECK_EQUAL(status_of(answer), 400);
      CAF_CHECK(contains(answer, "Idempotency-Key: must have 1 to 255"));
    }
  CAF_CHECK(world->logs["sess_a"]->appends.empty());
}

CAF_TEST(failures get their status and headers) {
  auto log = add_session("sess_a");
  auto client = connect();
  struct row {
    errc code;
    int status;
    std::string type, header, value;
  };
  const std::vector<row> table = {
      {errc::invalid, 400, "invalid_request_error", "Retry-After", "(none)"},
      {errc::forbidden, 403, "permission_error", "Retry-After", "(none)"},
      {errc::not_found, 404, "not_found", "Retry-After", "(none)"},
      {errc::conflict, 409, "conflict_error", "x-should-retry", "false"},
      {errc::too_large, 413, "request_too_large", "Retry-After", "(none)"},
      {errc::rate_limited, 429, "rate_limit_error", "Retry-After", "1"},
      {errc::unavailable, 503, "overloaded_error", "Retry-After", "1"},
      {errc::unknown_outcome, 500, "api_error", "x-should-retry", "false"},
      {errc::internal, 500, "api_error", "x-should-retry", "false"},
      {errc::corrupt, 500, "api_error", "x-should-retry", "false"},
  };
  for (const auto& [code, status, type, header, value] : table) {
    log->append_error = failure{code, "the words"};
    const auto answer = post(client, "/v1/sessions/sess_a/events", one_event);
    CAF_CHECK_EQUAL(status_of(answer), status);
    CAF_CHECK(
        body_of(answer).starts_with(R"({"type":"error","error":{"type":")" + type + R"(","message":")"));
    CAF_CHECK(body_of(answer).ends_with(R"("request_id":")" + header_of(answer, "request-id") + "\"}"));
    CAF_CHECK_EQUAL(header_of(answer, header), value);
    CAF_CHECK_EQUAL(contains(answer, "the words"), status != 500);
  }
  log->append_error = failure{errc::unknown_outcome, "lost"};
  const auto with_key = post(client, "/v1/sessions/sess_a/events", one_event,
                             std::string{key_header} + "Idempotency-Key: k\r\n");
  CAF_CHECK_EQUAL(status_of(with_key), 500);
  CAF_CHECK_EQUAL(header_of(with_key, "x-should-retry"), "(none)");
  CAF_CHECK_EQUAL(all->counters.server_errors.load(), 5u);
}

CAF_TEST(sessions are made changed and deleted) {
  auto log = add_session("sess_a");
  auto client = connect();
  const auto made = post(client, "/v1/sessions", R"({"agent":"agent_1","environment_id":"env_1"})",
                         std::string{key_header} + "Idempotency-Key: k\r\n");
  CAF_CHECK_EQUAL(status_of(made), 200);
  CAF_CHECK(contains(made, R"("id":"sess_new")"));
  CAF_REQUIRE_EQUAL(world->created.size(), 1u);
  CAF_CHECK_EQUAL(world->created[0].workspace, 1);
  CAF_CHECK_EQUAL(world->created[0].idempotency_key, "k");
  CAF_CHECK_EQUAL(status_of(post(client, "/v1/sessions/sess_a", R"({"title":"t"})")), 200);
  CAF_CHECK_EQUAL(status_of(post(client, "/v1/sessions/sess_a", "")), 400);
  CAF_CHECK_EQUAL(status_of(post(client, "/v1/sessions/sess_a/archive", "")), 200);
  const auto gone = exchange(
      client, "DELETE /v1/sessions/sess_a HTTP/1.1\r\nHost: x\r\n" + std::string{key_header} + "\r\n");
  CAF_CHECK_EQUAL(body_of(gone), R"({"id":"sess_a","type":"session_deleted"})");
  world->sessions.erase("sess_a");
  CAF_CHECK_EQUAL(status_of(get(client, "/v1/sessions/sess_a")), 404);  // not from the cache of handles
}

CAF_TEST(a deletion that an SDK repeats is done) {
  auto client = connect();
  const auto repeat = [&](const std::string& id, const std::string& count) {
    return exchange(client, "DELETE /v1/sessions/" + id + " HTTP/1.1\r\nHost: x\r\n" +
                                std::string{key_header} + "x-stainless-retry-count: " + count + "\r\n\r\n");
  };
  world->deleted["sess_mine"] = {true, {1, test_now - std::chrono::minutes{2}}};
  world->deleted["sess_old"] = {true, {1, test_now - std::chrono::milliseconds{120'001}}};
  world->deleted["sess_theirs"] = {true, {2, test_now}};
  CAF_CHECK_EQUAL(body_of(repeat("sess_mine", "1")), R"({"id":"sess_mine","type":"session_deleted"})");
  CAF_CHECK_EQUAL(status_of(repeat("sess_mine", "2")), 200);
  CAF_CHECK_EQUAL(status_of(repeat("sess_mine", "0")), 404);
  CAF_CHECK_EQUAL(status_of(repeat("sess_old", "1")), 404);
  CAF_CHECK_EQUAL(status_of(repeat("sess_theirs", "1")), 404);
  CAF_CHECK_EQUAL(status_of(repeat("sess_none", "1")), 404);
}

CAF_TEST(malformed bodies are 400) {
  add_session("sess_a");
  auto client = connect();
  for (const std::string bad :
       {"", "{", "[]", R"({"events":[]})", R"({"events":[{"type":"user.message"}],"events":[]})"}) {
    const auto answer = post(client, "/v1/sessions/sess_a/events", bad);
    CAF_CHECK_EQUAL(status_of(answer), 400);
    CAF_CHECK(contains(answer, "invalid_request_error"));
  }
  CAF_CHECK_EQUAL(status_of(post(client, "/v1/sessions", "{}")), 400);
  CAF_CHECK(!client.closed());
}

CAF_TEST(unknown paths and methods are told) {
  add_session("sess_a");
  auto client = connect();
  CAF_CHECK_EQUAL(status_of(get(client, "/")), 404);
  const auto wrong =
      exchange(client, "PUT /v1/sessions/sess_a HTTP/1.1\r\nHost: x\r\n" + std::string{key_header} + "\r\n");
  CAF_CHECK_EQUAL(status_of(wrong), 405);
  CAF_CHECK_EQUAL(header_of(wrong, "Allow"), "GET, HEAD, POST, DELETE, OPTIONS");
  CAF_CHECK(contains(wrong, "invalid_request_error"));
}

// --- the admin listener ---------------------------------------------------------------------------

CAF_TEST(health and readiness) {
  auto client = connect(http_surface::admin);
  CAF_CHECK_EQUAL(status_of(get(client, "/healthz", "")), 200);
  CAF_CHECK_EQUAL(status_of(get(client, "/readyz", "")), 200);
  CAF_CHECK_EQUAL(status_of(get(client, "/v1/sessions", "")), 404);
  world->key_error = failure{errc::unavailable, "disk"};
  CAF_CHECK_EQUAL(status_of(get(client, "/readyz", "")), 503);
  world->key_error.reset();
  all->draining = true;
  CAF_CHECK_EQUAL(status_of(get(client, "/readyz", "")), 503);
}

CAF_TEST(a node that takes no more requests says why and lives) {
  add_session("sess_a");
  auto operators = connect(http_surface::admin);
  gate->close("the tables are too new");
  for (const auto* path : {"/v1/sessions/sess_a", "/v1/sessions/sess_a/events", "/v1/sessions"}) {
    auto client = connect();
    const auto refused = get(client, path);
    CAF_CHECK_EQUAL(status_of(refused), 503);
    CAF_CHECK(contains(refused, "this node takes no more requests"));
    CAF_CHECK(!contains(refused, "the tables"));
    CAF_CHECK_EQUAL(header_of(refused, "Connection"), "close");
  }
  auto writing = connect();
  CAF_CHECK_EQUAL(status_of(post(writing, "/v1/sessions/sess_a/events", R"({"events":[]})")), 503);
  CAF_CHECK_EQUAL(status_of(get(operators, "/healthz", "")), 200);
  CAF_CHECK(contains(get(operators, "/statusz", ""), R"("phase":"closed")"));
  const auto ready = get(operators, "/readyz", "");
  CAF_CHECK_EQUAL(status_of(ready), 503);
  CAF_CHECK(contains(ready, "the tables are too new"));
}

CAF_TEST(a store that does not answer is not ready) {
  auto client = connect(http_surface::admin);
  world->mute = true;
  CAF_CHECK_EQUAL(get(client, "/readyz", ""), "");
  pass(3s);
  CAF_CHECK_EQUAL(status_of(client.receive()), 503);
  for (auto& promise : world->muted) promise.deliver(found_key{});
}

CAF_TEST_FIXTURE_SCOPE_END()
