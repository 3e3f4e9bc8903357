// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE pages
#include "test/unit/http/support/http_fixture.hpp"
// The framework's header comes first.
#include "http/wire/page_token.hpp"
#include "http/wire/text.hpp"

#include <algorithm>

using namespace sandbase;
using namespace sandbase::test;

CAF_TEST(base64url is exact) {
  for (const std::string text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"})
    CAF_CHECK_EQUAL(std::string{parse_base64url(base64url(text)).value()}, text);
  CAF_CHECK_EQUAL(base64url("foob"), "Zm9vYg");
  CAF_CHECK_EQUAL(base64url("\xfb\xff"), "-_8");
  for (const std::string bad : {"A", "Zm9vYg==", "Zm9vYh", "Zm 9", "Zm+v", "Zm9vY"})
    CAF_CHECK(!parse_base64url(bad));
}

CAF_TEST(tokens come back as they were) {
  const event_page page{false, 12345, 17, "sevt_abc"};
  CAF_CHECK(event_page::decode(page.encode()) == page);
  const session_list_page sessions{true, true, {test_time, 42}};
  CAF_CHECK(session_list_page::decode(sessions.encode("secret", 1), "secret", 1) == sessions);
}

CAF_TEST(tokens that were never given are refused) {
  const event_page page{true, 5, 0, "sevt_abc"};
  const auto token = page.encode();
  for (const std::string bad : {"", "x", "e", "AAAA"}) {
    CAF_CHECK(!event_page::decode(bad));
    CAF_CHECK(!session_list_page::decode(bad, "secret", 1));
  }
  for (std::size_t n = 0; n < token.size() - 7; ++n) CAF_CHECK(!event_page::decode(token.substr(0, n)));
  CAF_CHECK(!session_list_page::decode(token, "secret", 1));
  CAF_CHECK(!event_page::decode(session_list_page{false, false, {test_time, 42}}.encode("secret", 1)));
  CAF_CHECK(!event_page::decode((event_page{true, 0, 0, "sevt_abc"}).encode()));
  CAF_CHECK(!event_page::decode((event_page{true, max_told_seq + 1, 0, "sevt_abc"}).encode()));
  CAF_CHECK(!event_page::decode((event_page{false, 5, 5, "sevt_abc"}).encode()));
  CAF_CHECK(!event_page::decode((event_page{false, 5, 1, "not an id"}).encode()));
}

CAF_TEST(a page of sessions is for one workspace and tells its bearer nothing) {
  const session_list_page page{false, false, {test_time, 0x0102030405060708}};
  const auto token = page.encode("secret", 1);
  CAF_CHECK_EQUAL(page.encode("secret", 1), token);
  CAF_CHECK(!session_list_page::decode(token, "secret", 2));
  CAF_CHECK(!session_list_page::decode(token, "Secret", 1));
  const auto bytes = parse_base64url(token).value();
  CAF_CHECK(bytes.find("\x05\x06\x07\x08") == bytes.npos);
  for (std::size_t i = 0; i < token.size(); ++i) {
    auto changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CAF_CHECK(!session_list_page::decode(changed, "secret", 1));
    CAF_CHECK(!session_list_page::decode(token.substr(0, i), "secret", 1));
  }
  const auto next = session_list_page{false, false, {test_time, 0x0102030405060709}}.encode("secret", 1);
  std::size_t same = 0;
  for (std::size_t i = 0; i < token.size(); ++i) same += token[i] == next[i];
  CAF_CHECK_LESS(same, token.size() / 2);
}

CAF_TEST_FIXTURE_SCOPE(session_pages, http_fixture)

CAF_TEST(session lists can be turned both ways) {
  auto client = connect();
  const auto place = [](session_key key) {
    return session_place{test_time + std::chrono::seconds{key}, key};
  };
  const auto found = [&](std::initializer_list<session_key> keys, bool more) {
    session_list list{{}, {}, place(*keys.begin()), place(*(keys.end() - 1)), more};
    for (const auto key : keys)
      list.items.push_back(std::make_shared<std::string>("{\"id\":\"sess_" + std::to_string(key) + "\"}"));
    return list;
  };
  const auto token = [](const std::string& answer, const std::string& name) {
    const auto body = body_of(answer);
    const auto start = body.find("\"" + name + "\":") + name.size() + 3;
    return body.compare(start, 4, "null") == 0
               ? std::string{}
               : body.substr(start + 1, body.find('"', start + 1) - start - 1);
  };
  world->list = found({9, 8}, true);
  const auto first = get(client, "/v1/sessions?limit=2");
  CAF_CHECK_EQUAL(status_of(first), 200);
  CAF_CHECK(first.find("sess_9") < first.find("sess_8"));
  CAF_CHECK_EQUAL(token(first, "prev_page"), "");
  CAF_CHECK_EQUAL(world->queries.back().limit, 2u);
  CAF_CHECK(!world->queries.back().ascending);

  world->list = found({7, 6}, false);
  const auto second = get(client, "/v1/sessions?limit=2&page=" + token(first, "next_page"));
  CAF_CHECK(world->queries.back().after == place(8));
  CAF_CHECK_EQUAL(token(second, "next_page"), "");

  world->list = found({8, 9}, false);  // the store walks towards the newer ones
  const auto back = get(client, "/v1/sessions?limit=2&page=" + token(second, "prev_page"));
  CAF_CHECK(world->queries.back().ascending);
  CAF_CHECK(world->queries.back().after == place(7));
  CAF_CHECK(back.find("sess_9") < back.find("sess_8"));
  CAF_CHECK_EQUAL(token(back, "prev_page"), "");
  CAF_CHECK_EQUAL(token(back, "next_page"), token(first, "next_page"));

  world->list = {};
  CAF_CHECK_EQUAL(body_of(get(client, "/v1/sessions")), R"({"data":[],"next_page":null,"prev_page":null})");
}

CAF_TEST(session filters reach the store) {
  auto client = connect();
  get(client,
      "/v1/"
      "sessions?statuses[]=idle&statuses=running,terminated&agent_id=agent_1&agent_version=3&include_"
      "archived=true"
      "&created_at[gte]=2026-01-01T00:00:00Z&order=asc&beta=true&memory_store_id=m_1");
  CAF_REQUIRE_EQUAL(world->queries.size(), 1u);
  const auto& q = world->queries.back();
  CAF_CHECK(q.statuses ==
            (std::vector{session_status::idle, session_status::running, session_status::terminated}));
  CAF_CHECK_EQUAL(q.agent_id, "agent_1");
  CAF_CHECK(q.agent_version == 3);
  CAF_CHECK_EQUAL(q.memory_store_id, "m_1");
  CAF_CHECK(q.include_archived);
  CAF_CHECK(q.created_gte == parse_timestamp("2026-01-01T00:00:00Z"));
  CAF_CHECK(q.ascending);
  CAF_CHECK_EQUAL(q.workspace, 1);
}

CAF_TEST(times of sessions are compared to the nanosecond) {
  auto client = connect();
  get(client,
      "/v1/sessions?created_at[gt]=2026-01-01T00:00:00.0000001Z&created_at[lt]=2026-01-02T00:00:00.0000001Z");
  get(client,
      "/v1/"
      "sessions?created_at[gte]=2026-01-01T00:00:00.0000001Z&created_at[lte]=2026-01-02T00:00:00.0000001Z");
  const auto first = parse_timestamp("2026-01-01T00:00:00Z");
  const auto second = parse_timestamp("2026-01-02T00:00:00Z");
  using std::chrono::milliseconds;
  CAF_CHECK(world->queries.at(0).created_gt == first);
  CAF_CHECK(world->queries.at(0).created_lt == *second + milliseconds{1});
  CAF_CHECK(world->queries.at(1).created_gte == *first + milliseconds{1});
  CAF_CHECK(world->queries.at(1).created_lte == second);
}

CAF_TEST(sessions of a deployment are asked for) {
  auto client = connect();
  CAF_CHECK_EQUAL(status_of(get(client, "/v1/sessions?deployment_id=depl_1")), 200);
  CAF_CHECK_EQUAL(world->queries.back().deployment_id, "depl_1");
}

CAF_TEST(an empty page is as if there were none) {
  auto client = connect();
  CAF_CHECK_EQUAL(status_of(get(client, "/v1/sessions?page=")), 200);
  CAF_CHECK(!world->queries.back().after);
}

CAF_TEST(bad session filters are named) {
  auto client = connect();
  const std::vector<std::pair<std::string, std::string>> table = {
      {"limit=0", "limit: "},
      {"limit=101", "limit: "},
      {"page=x", "page: "},
      {"order=up", "order: "},
      {"statuses=asleep", "statuses: "},
      {"include_archived=1", "include_archived: "},
      {"created_at[gt]=x", "created_at[gt]: "},
      {"agent_version=x", "agent_version: "},
      {"statuses=", "statuses: "},
      {"statuses[]=", "statuses: "},
      {"agent_id=", "agent_id: "},
      {"deployment_id=", "deployment_id: "},
      {"memory_store_id=", "memory_store_id: "},
      {"order=asc&page=" + session_list_page{false, false, {test_time, 4}}.encode("", 1), "order: "},
  };
  for (const auto& [query, part] : table) {
    const auto answer = get(client, "/v1/sessions?" + query);
    CAF_CHECK_EQUAL(status_of(answer), 400);
    if (!contains(answer, "\"message\":\"" + part)) CAF_ERROR(query << ": " << body_of(answer));
  }
  CAF_CHECK(world->queries.empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
