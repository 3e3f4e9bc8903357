// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE agent_tools
#include "events/session/agent_tools.hpp"

#include "events/json/json_text.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;

namespace {

const std::string allow = R"({"enabled":true,"permission_policy":{"type":"always_allow"}})";
const std::string ask = R"({"enabled":true,"permission_policy":{"type":"always_ask"}})";

struct row {
  std::string given;
  std::string complete;
};

CAF_TEST(tools get what the types of answers require) {
  const row rows[] = {
      {R"({"type":"agent_toolset_20260401"})",
       R"({"type":"agent_toolset_20260401","configs":[],"default_config":)" + allow + "}"},
      {R"({"default_config":null,"type":"mcp_toolset","configs":null,"mcp_server_name":"m"})",
       R"({"default_config":)" + ask + R"(,"type":"mcp_toolset","configs":[],"mcp_server_name":"m"})"},
      {R"({"type":"mcp_toolset","mcp_server_name":"m","configs":[{"name":"a"},{"name":"b","enabled":true},7],"default_config":{"enabled":false}})",
       R"({"type":"mcp_toolset","mcp_server_name":"m","configs":[{"name":"a","enabled":false,"permission_policy":{"type":"always_ask"}},{"name":"b","enabled":true,"permission_policy":{"type":"always_ask"}},7],"default_config":{"enabled":false,"permission_policy":{"type":"always_ask"}}})"},
      {R"({"type":"custom","name":"n","input_schema":{"properties":{"x":1.50}},"description":"d"})",
       R"({"type":"custom","name":"n","input_schema":{"properties":{"x":1.50},"type":"object"},"description":"d"})"},
  };
  for (const auto& [given, complete] : rows) {
    CAF_CHECK_EQUAL(complete_tools("[" + given + "]"), "[" + complete + "]");
    CAF_CHECK_EQUAL(complete_tools("[" + complete + "]"), "[" + complete + "]");
    CAF_CHECK(json::validate(complete));
  }
}

CAF_TEST(what is unknown or odd stays as it is) {
  for (const std::string tools :
       {"[]", "[1,null,\"x\",[]]", R"([{"type":"custom"},{"type":"custom","input_schema":7}])",
        R"([{"type":"web_search","default_config":null}])", R"([{"type":7},{}])",
        R"([{"type":"mcp_toolset","default_config":7}])", R"([{"type":"mcp_toolset","configs":{}}])"})
    CAF_CHECK_EQUAL(complete_tools(tools), tools);
}

CAF_TEST(skills get a version) {
  CAF_CHECK_EQUAL(
      complete_skills(
          R"([{"type":"anthropic","skill_id":"xlsx"},{"type":"custom","skill_id":"s","version":"3"},{"skill_id":"t","version":null},1,{}])"),
      R"([{"type":"anthropic","skill_id":"xlsx","version":"latest"},{"type":"custom","skill_id":"s","version":"3"},{"skill_id":"t","version":"latest"},1,{}])");
}

}  // namespace
