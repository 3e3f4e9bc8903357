// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE stream_token
#include "test/unit/http/support/live_fixture.hpp"
// The framework's header comes first.
#include "http/wire/stream_token.hpp"
#include "http/wire/text.hpp"

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

struct fixture : live_fixture {
  client_end first_connection() {
    options.token_secret = "secret";
    return connect();
  }
  std::string mint(const std::string& body = "", const std::string& headers = "") {
    return post(caller, "/v1/sessions/" + id + "/stream_tokens", body,
                headers.empty() ? key_header : headers);
  }
  static std::string member(const std::string& answer, const std::string& name) {
    const auto start = answer.find('"' + name + "\":\"");
    if (start == answer.npos) CAF_FAIL("no " << name << " in " << answer);
    const auto from = start + name.size() + 4;
    return answer.substr(from, answer.find('"', from) - from);
  }
  std::string token() { return member(mint(), "token"); }
  /// Without a key, as an EventSource comes.
  std::string open(const std::string& token, const std::string& session) {
    return get(caller, "/v1/sessions/" + session + "/events/stream?token=" + token, "");
  }
  int status_with(const std::string& token) { return status_of(open(token, id)); }

  const std::string id = create();
  client_end caller = first_connection();
};

}  // namespace

CAF_TEST(a token tells what was sealed and nothing else) {
  const stream_token given{7, 42, test_time, "sess_a"};
  const auto text = given.seal("secret");
  const auto read = stream_token::open(text, "secret");
  CAF_REQUIRE(read);
  CAF_CHECK_EQUAL(read->workspace, 7);
  CAF_CHECK_EQUAL(read->key, 42);
  CAF_CHECK(read->expires_at == test_time);
  CAF_CHECK_EQUAL(read->session, "sess_a");
  CAF_CHECK(parse_base64url(text.substr(3)).value().find("sess_a") == std::string::npos);
  CAF_CHECK(!stream_token::open(text, "Secret"));
  CAF_CHECK(!stream_token::open(text + "A", "secret"));
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto changed = text;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CAF_CHECK(!stream_token::open(changed, "secret"));
    CAF_CHECK(!stream_token::open(text.substr(0, i), "secret"));
  }
}

CAF_TEST_FIXTURE_SCOPE(stream_token_tests, fixture)

CAF_TEST(a token opens its stream until it expires) {
  for (const auto& [body, life] : std::vector<std::pair<std::string, std::chrono::seconds>>{
           {"", 900s}, {"{}", 900s}, {R"({"ttl_seconds":60})", 60s}, {R"({"ttl_seconds":3600})", 3600s}}) {
    const auto answer = mint(body);
    CAF_CHECK_EQUAL(status_of(answer), 200);
    CAF_CHECK_EQUAL(member(answer, "expires_at"), format_timestamp(test_now + life));
    const auto token = member(answer, "token");
    CAF_CHECK_EQUAL(status_with(token), 200);
    test_now += life - 1ms;
    CAF_CHECK_EQUAL(status_with(token), 200);
    test_now += 1ms;
    const auto refused = open(token, id);
    CAF_CHECK_EQUAL(status_of(refused), 401);
    CAF_CHECK(contains(refused, "expired"));
    CAF_CHECK_EQUAL(status_with(member(mint(), "token")), 200);
  }
}

CAF_TEST(a stream ends with its token) {
  const auto mine = member(mint(R"({"ttl_seconds":60})"), "token");
  sse_client live{connect()};
  live.connection().send(get_request("/v1/sessions/" + id + "/events/stream?follow=true&token=" + mine, ""));
  settle(live);
  for (int i = 0; i < 59; ++i) pass(1s);
  settle(live);
  CAF_CHECK_EQUAL(live.closing, "");
  pass(1s);
  settle(live);
  CAF_CHECK_EQUAL(live.closing, "token_expired");
  CAF_CHECK(live.cut());
  CAF_CHECK_EQUAL(streams_of(id), 0u);
}

CAF_TEST(a token has eight streams open and no more) {
  const auto mine = token();
  const auto target = "/v1/sessions/" + id + "/events/stream?follow=true&token=";
  std::vector<client_end> open;
  for (int i = 0; i < 8; ++i) {
    open.push_back(connect());
    CAF_CHECK_EQUAL(status_of(get(open.back(), target + mine, "")), 200);
  }
  const auto refused = get(caller, target + mine, "");
  CAF_CHECK_EQUAL(status_of(refused), 429);
  CAF_CHECK(contains(refused, "this stream token has 8 streams open"));
  CAF_CHECK_EQUAL(status_with(member(mint(R"({"ttl_seconds":61})"), "token")), 200);
  open.pop_back();
  pump();
  CAF_CHECK_EQUAL(status_with(mine), 200);
}

CAF_TEST(a life that is too short or too long is refused) {
  for (const std::string body :
       {R"({"ttl_seconds":59})", R"({"ttl_seconds":3601})", R"({"ttl_seconds":"60"})", "[]"})
    CAF_CHECK_EQUAL(status_of(mint(body)), 400);
}

CAF_TEST(a token is for one stream only) {
  const auto mine = token();
  const auto other = create();
  CAF_CHECK_EQUAL(status_of(open(mine, other)), 401);
  CAF_CHECK_EQUAL(status_of(get(caller, "/v1/sessions/" + id + "/events?token=" + mine, "")), 401);
  CAF_CHECK_EQUAL(status_of(post(caller, "/v1/sessions/" + id + "/events?token=" + mine,
                                 events({message("a")}), "X: y\r\n")),
                  401);
}

CAF_TEST(a token goes with the key that minted it) {
  const auto viewer = make_key(role::viewer);
  const auto client_key = make_key(role::client);
  const auto token = member(mint("", header_with(client_key.secret)), "token");
  const auto viewers = mint("", header_with(viewer.secret));
  CAF_REQUIRE_EQUAL(status_of(viewers), 200);  // it allows no more than the key itself
  sse_client live{connect()};
  live.connection().send(get_request("/v1/sessions/" + id + "/events/stream?follow=true&token=" + token, ""));
  settle(live);
  CAF_REQUIRE_EQUAL(live.status, 200);
  revoke(client_key);
  CAF_CHECK_EQUAL(status_with(token), 401);
  for (int i = 0; i < 5; ++i) pass(1s);
  settle(live);
  CAF_CHECK(contains(live.error, "\"type\":\"authentication_error\""));
  CAF_CHECK_EQUAL(status_with(member(viewers, "token")), 200);
}

CAF_TEST_FIXTURE_SCOPE_END()
