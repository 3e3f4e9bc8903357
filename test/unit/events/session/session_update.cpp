// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE session_update
#include "events/json/json_text.hpp"
#include "events/session/session.hpp"
#include "test/unit/events/expect.hpp"
#include "test/unit/support/test.hpp"

#include <string>
#include <vector>

namespace {

using namespace sandbase;
using testing::outcome_of;

session_definition definition() {
  auto request = parse_create_request(
      R"({"agent":{"id":"a","system":"s","tools":[1]},"environment_id":"e","title":"old","metadata":{"x":"1","y":"2"},"budget":{"n":1}})",
      role::client, {});
  CAF_REQUIRE(request);
  return std::move(request->definition);
}

CAF_TEST(update bodies) {
  struct row {
    std::string body;
    std::string outcome;
  };
  const row rows[] = {
      {"{}", "ok"},
      {R"({"unknown":1})", "ok"},
      {"[]", "invalid: body: must be an object"},
      {"{", "invalid: body: the JSON ends too early at byte 1"},
      {R"({"title":"t"})", "ok"},
      {R"({"title":null})", "ok"},
      {R"({"title":1})", "invalid: title: must be a string"},
      {R"({"metadata":null})", "ok"},
      {R"({"metadata":{"a":"b","c":null}})", "ok"},
      {R"({"metadata":"x"})", "invalid: metadata: must be an object"},
      {R"({"metadata":{"a":1}})", "invalid: metadata.a: must be a string, or null to remove the key"},
      {R"({"metadata":{"":"x"}})", R"(invalid: metadata[""]: a key must have 1 to 64 characters)"},
      {R"({"metadata":{"a":")" + std::string(513, 'v') + R"("}})",
       "invalid: metadata.a: must have at most 512 characters"},
      {R"({"agent":null})", "ok"},
      {R"({"agent":{}})", "ok"},
      {R"({"agent":{"tools":[],"mcp_servers":[],"system":"ignored"}})", "ok"},
      {R"({"agent":"a"})", "invalid: agent: must be an object"},
      {R"({"agent":{"tools":{}}})", "invalid: agent.tools: must be an array"},
      {R"({"agent":{"mcp_servers":"x"}})", "invalid: agent.mcp_servers: must be an array"},
      {R"({"vault_ids":null})", "ok"},
      {R"({"vault_ids":[]})", "invalid: vault_ids: cannot be changed"},
      {R"({"budget":{}})", "ok"},
      {R"({"budget":null})", "ok"},
      {R"({"budget":5})", "invalid: budget: must be an object"},
  };
  for (const auto& [body, expected] : rows) {
    CAF_MESSAGE(body);
    CAF_CHECK_EQUAL(outcome_of(parse_update_request(body)), expected);
  }
}

CAF_TEST(the event of an update holds what changed) {
  const std::string snapshot_end =
      R"("mcp_servers":[],"skills":[],"multiagent":null,"execution_identity":{"type":"service_account"}})";
  const std::string snapshot_begin =
      R"({"id":"a","type":"agent","version":1,"name":"a","description":null,"model":{"id":"unknown"},"system":"s",)";
  struct row {
    std::string body;
    std::string payload;
  };
  const row rows[] = {
      {"{}", ""},
      {R"({"title":"old","metadata":{"x":"1"},"agent":{"tools":[ 1 ]},"budget":{ "n":1 }})", ""},
      {R"({"metadata":{},"agent":{}})", ""},
      {R"({"metadata":{"gone":null}})", ""},
      {R"({"title":"new"})", R"("title":"new")"},
      {R"({"title":null})", R"("title":null)"},
      {R"({"metadata":{"z":"3"}})", R"("metadata":{"x":"1","y":"2","z":"3"})"},
      {R"({"metadata":{"x":"9"}})", R"("metadata":{"x":"9","y":"2"})"},
      {R"({"metadata":{"x":null}})", R"("metadata":{"y":"2"})"},
      {R"({"metadata":{"x":null,"y":null}})", R"("metadata":{})"},
      {R"({"agent":{"tools":[ 2 ]}})", R"("agent":)" + snapshot_begin + R"("tools":[2],)" + snapshot_end},
      {R"({"agent":{"tools":[]}})", R"("agent":)" + snapshot_begin + R"("tools":[],)" + snapshot_end},
      {R"({"agent":{"mcp_servers":[3]}})",
       R"("agent":)" + snapshot_begin +
           R"("tools":[1],"mcp_servers":[3],"skills":[],"multiagent":null,"execution_identity":{"type":"service_account"}})"},
      {R"({"budget":null})", R"("budget":null)"},
      {R"({"budget":{"n":2}})", R"("budget":{"n":2})"},
      {R"({"title":"new","metadata":{"x":null},"budget":null})",
       R"("title":"new","metadata":{"y":"2"},"budget":null)"},
  };
  for (const auto& [body, payload] : rows) {
    CAF_MESSAGE(body);
    const auto update = parse_update_request(body);
    CAF_REQUIRE_EQUAL(outcome_of(update), "ok");
    auto changed = definition();
    const auto applied = apply_update(changed, *update);
    CAF_REQUIRE_EQUAL(outcome_of(applied), "ok");
    CAF_CHECK_EQUAL(*applied, payload);
    CAF_CHECK(json::validate("{" + *applied + "}"));
    // Applied once more it changes nothing, and without a payload nothing changed.
    const auto after = changed.encode();
    CAF_CHECK_EQUAL(after == definition().encode(), payload.empty());
    const auto again = apply_update(changed, *update);
    CAF_CHECK_EQUAL(*again, "");
    CAF_CHECK_EQUAL(changed.encode(), after);
  }
}

CAF_TEST(too much metadata changes nothing) {
  std::string pairs;
  for (int i = 0; i < 14; ++i) pairs += ",\"k" + std::to_string(i) + "\":\"v\"";
  auto changed = definition();
  const auto before = changed.encode();
  const auto too_many = parse_update_request(R"({"title":"new","metadata":{"one":"more")" + pairs + "}}");
  CAF_REQUIRE(too_many);
  CAF_CHECK_EQUAL(outcome_of(apply_update(changed, *too_many)),
                  "invalid: metadata: must have at most 16 pairs, with those that are there already");
  CAF_CHECK_EQUAL(changed.encode(), before);
  // One goes, one comes: 16.
  const auto enough = parse_update_request(R"({"metadata":{"one":"more","x":null)" + pairs + "}}");
  CAF_REQUIRE(enough);
  CAF_CHECK_EQUAL(outcome_of(apply_update(changed, *enough)), "ok");
  CAF_CHECK_EQUAL(changed.metadata.size(), std::size_t{16});
}

}  // namespace
