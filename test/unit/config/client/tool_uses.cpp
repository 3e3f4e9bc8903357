// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE tool_uses
#include "config/client/tool_uses.hpp"

#include "test/unit/support/test.hpp"

using namespace sandbase;

namespace {

const std::string session = R"({"pending":[{"id":"a","type":"agent.tool_use","name":"rm"},)"
                            R"({"id":"b","type":"agent.mcp_tool_use","name":null},)"
                            R"({"id":"c","type":"agent.custom_tool_use","name":"x"}]})";

void add(unconfirmed_uses& uses, const std::string& event) { uses.add(json::value{event}); }

std::string ids(const unconfirmed_uses& uses) {
  std::string all;
  for (const auto& use : uses.found()) all += use.id;
  return all;
}

}  // namespace

CAF_TEST(tool uses that were asked for wait) {
  unconfirmed_uses uses{json::value{session}};
  CAF_CHECK(!uses.is_complete());
  add(uses, R"({"id":"b","type":"agent.mcp_tool_use"})");
  add(uses, R"({"id":"z","type":"agent.tool_use"})");
  CAF_CHECK(!uses.is_complete());
  add(uses, R"({"id":"a","type":"agent.tool_use","evaluated_permission":"ask"})");
  CAF_CHECK(uses.is_complete());
  CAF_CHECK_EQUAL(ids(uses), "ab");
}

CAF_TEST(those that are confirmed or need it not wait for their result only) {
  unconfirmed_uses uses{json::value{session}};
  add(uses, R"({"id":"d","type":"user.tool_confirmation","tool_use_id":"b"})");
  add(uses, R"({"id":"b","type":"agent.mcp_tool_use","evaluated_permission":"ask"})");
  add(uses, R"({"id":"a","type":"agent.tool_use","evaluated_permission":"allow"})");
  CAF_CHECK(uses.is_complete());
  CAF_CHECK_EQUAL(ids(uses), "");
}

CAF_TEST(where nothing is pending nothing has to be read) {
  CAF_CHECK(unconfirmed_uses{json::value{R"({"pending":[]})"}}.is_complete());
  CAF_CHECK(unconfirmed_uses{json::value{"{}"}}.is_complete());
}
