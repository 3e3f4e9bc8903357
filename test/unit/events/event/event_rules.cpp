// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE event_rules
#include "events/event/event_rules.hpp"

#include "events/event/event_draft.hpp"
#include "test/unit/events/expect.hpp"
#include "test/unit/support/test.hpp"

#include <string>
#include <vector>

namespace {

using namespace sandbase;
using testing::outcome_of;

const send_limits limits;

std::string outcome(std::string_view events) {
  return outcome_of(parse_send_request(R"({"events":[)" + std::string{events} + "]}", role::runtime, limits));
}

struct row {
  std::string type;
  std::string members;
  std::string outcome;
};

void check(const std::vector<row>& rows) {
  for (const auto& [type, members, expected] : rows) {
    CAF_MESSAGE(type + " " + members);
    const auto event = R"({"type":")" + type + '"' + (members.empty() ? "" : ",") + members + "}";
    CAF_CHECK_EQUAL(outcome(event), expected == "ok" ? "ok" : "invalid: events[0]." + expected);
  }
}

CAF_TEST(content of user messages) {
  check({
      {"user.message", R"("content":[{"type":"text","text":"hi"}])", "ok"},
      {"user.message",
       R"("content":[{"text":"hi","type":"text","more":1},{"type":"image","source":{"type":"url"}}])", "ok"},
      {"user.message", R"("content":[{"type":"document"},{"type":"redacted"},{"type":"new_kind"}])", "ok"},
      {"user.message", R"("content":[])", "ok"},
      {"user.message", R"("content":[{"type":"text","text":""}],"unknown":{"kept":[1]})", "ok"},
      {"user.message", "", "content: is required"},
      {"user.message", R"("content":null)", "content: is required"},
      {"user.message", R"("content":"hi")", "content: must be an array of content blocks"},
      {"user.message", R"("content":{"type":"text","text":"hi"})",
       "content: must be an array of content blocks"},
      {"user.message", R"("content":["hi"])", "content[0]: must be a content block, an object with a type"},
      {"user.message", R"("content":[{"type":"text","text":"a"},null])",
       "content[1]: must be a content block, an object with a type"},
      {"user.message", R"("content":[{}])", "content[0].type: is required"},
      {"user.message", R"("content":[{"type":null}])", "content[0].type: is required"},
      {"user.message", R"("content":[{"type":1}])", "content[0].type: must be a string"},
      {"user.message", R"("content":[{"type":"text"}])", "content[0].text: is required"},
      {"user.message", R"("content":[{"type":"text","text":null}])", "content[0].text: is required"},
      {"user.message", R"("content":[{"type":"text","text":["hi"]}])", "content[0].text: must be a string"},
  });
}

CAF_TEST(interrupts) {
  check({
      {"user.interrupt", "", "ok"},
      {"user.interrupt", R"("session_thread_id":null)", "ok"},
      {"user.interrupt", R"("session_thread_id":"sthr_1")", "ok"},
      {"user.interrupt", R"("session_thread_id":1)",
       "session_thread_id: must be a string of 1 to 128 bytes without control characters"},
  });
}

CAF_TEST(confirmations) {
  check({
      {"user.tool_confirmation", R"("tool_use_id":"sevt_1","result":"allow")", "ok"},
      {"user.tool_confirmation", R"("tool_use_id":"sevt_1","result":"deny")", "ok"},
      {"user.tool_confirmation", R"("deny_message":"no","result":"deny","tool_use_id":"sevt_1")", "ok"},
      {"user.tool_confirmation", R"("tool_use_id":"sevt_1","result":"allow","deny_message":null)", "ok"},
      {"user.tool_confirmation", R"("result":"allow")", "tool_use_id: is required"},
      {"user.tool_confirmation", R"("result":"allow","tool_use_id":null)", "tool_use_id: is required"},
      {"user.tool_confirmation", R"("result":"allow","tool_use_id":5)",
       "tool_use_id: must be a string of 1 to 128 bytes without control characters"},
      {"user.tool_confirmation", R"("result":"allow","tool_use_id":"")",
       "tool_use_id: must be a string of 1 to 128 bytes without control characters"},
      {"user.tool_confirmation", R"("result":"allow","tool_use_id":"a\u0000b")",
       "tool_use_id: must be a string of 1 to 128 bytes without control characters"},
      {"user.tool_confirmation", R"("tool_use_id":"sevt_1")", "result: is required"},
      {"user.tool_confirmation", R"("tool_use_id":"sevt_1","result":"maybe")",
       "result: must be \"allow\" or \"deny\""},
      {"user.tool_confirmation", R"("tool_use_id":"sevt_1","result":true)",
       "result: must be \"allow\" or \"deny\""},
      {"user.tool_confirmation", R"("tool_use_id":"sevt_1","result":"allow","deny_message":"no")",
       "deny_message: is only allowed beside \"result\":\"deny\""},
      {"user.tool_confirmation", R"("deny_message":"no","tool_use_id":"sevt_1","result":"allow")",
       "deny_message: is only allowed beside \"result\":\"deny\""},
      {"user.tool_confirmation", R"("tool_use_id":"sevt_1","result":"deny","deny_message":1)",
       "deny_message: must be a string"},
  });
}

CAF_TEST(results of tools) {
  check({
      {"user.custom_tool_result", R"("custom_tool_use_id":"sevt_1")", "ok"},
      {"user.custom_tool_result",
       R"("custom_tool_use_id":"sevt_1","content":[{"type":"text","text":"x"}],"is_error":true)", "ok"},
      {"user.custom_tool_result", R"("custom_tool_use_id":"sevt_1","content":null,"is_error":null)", "ok"},
      {"user.custom_tool_result", "", "custom_tool_use_id: is required"},
      {"user.custom_tool_result", R"("tool_use_id":"sevt_1")", "custom_tool_use_id: is required"},
      {"user.custom_tool_result", R"("custom_tool_use_id":"sevt_1","content":"x")",
       "content: must be an array of content blocks"},
      {"user.custom_tool_result", R"("custom_tool_use_id":"sevt_1","is_error":0)",
       "is_error: must be true or false"},
      {"user.tool_result", R"("tool_use_id":"sevt_1","content":[])", "ok"},
      {"user.tool_result", R"("content":[])", "tool_use_id: is required"},
      {"user.tool_result", R"("tool_use_id":["sevt_1"])",
       "tool_use_id: must be a string of 1 to 128 bytes without control characters"},
      {"user.tool_result", R"("tool_use_id":"sevt_1","content":[{"type":"text"}])",
       "content[0].text: is required"},
      {"user.tool_result", R"("tool_use_id":"sevt_1","is_error":"no")", "is_error: must be true or false"},
      {"agent.tool_result", "", "ok"},
      {"agent.tool_result", R"("tool_use_id":"toolu_0_0","content":"text","is_error":1)", "ok"},
      {"agent.tool_result", R"("tool_use_id":7)",
       "tool_use_id: must be a string of 1 to 128 bytes without control characters"},
      {"agent.mcp_tool_result", R"("mcp_tool_use_id":"sevt_1")", "ok"},
      {"agent.mcp_tool_result", R"("mcp_tool_use_id":{})",
       "mcp_tool_use_id: must be a string of 1 to 128 bytes without control characters"},
  });
}

CAF_TEST(outcomes) {
  check({
      {"user.define_outcome",
       R"("description":"d","rubric":{"type":"text","content":"c"},"max_iterations":3)", "ok"},
      {"user.define_outcome", R"("description":"d")", "ok"},
      {"user.define_outcome", R"("description":"d","max_iterations":null)", "ok"},
      {"user.define_outcome", R"("rubric":{"type":"text","content":"c"})", "description: is required"},
      {"user.define_outcome", R"("description":1)", "description: must be a string"},
      {"user.define_outcome", R"("description":"d","rubric":"text")", "rubric: must be an object"},
      {"user.define_outcome", R"("description":"d","rubric":{"content":"c"})", "rubric.type: is required"},
      {"user.define_outcome", R"("description":"d","max_iterations":"3")",
       "max_iterations: must be an integer from 0 on"},
      {"user.define_outcome", R"("description":"d","max_iterations":1.5)",
       "max_iterations: must be an integer from 0 on"},
      {"user.define_outcome", R"("description":"d","max_iterations":-1)",
       "max_iterations: must be an integer from 0 on"},
      {"user.define_outcome", R"("description":"d","outcome_id":"outc_1")",
       "outcome_id: is made by the service"},
      {"user.define_outcome", R"("description":"d","outcome_id":null)", "outcome_id: is made by the service"},
      {"span.outcome_evaluation_start", R"("outcome_id":"outc_1","iteration":0)", "ok"},
      {"span.outcome_evaluation_start", R"("outcome_id":1)",
       "outcome_id: must be a string of 1 to 128 bytes without control characters"},
      {"span.outcome_evaluation_ongoing", R"("iteration":"0")", "iteration: must be an integer from 0 on"},
      {"span.outcome_evaluation_end", "", "ok"},
      {"span.outcome_evaluation_end", R"("result":1)", "result: must be a string"},
      {"span.outcome_evaluation_end", R"("explanation":{})", "explanation: must be a string"},
  });
}

CAF_TEST(what runtimes send) {
  check({
      {"agent.message", R"("content":[{"type":"text","text":"x"},{"type":"redacted"}])", "ok"},
      {"agent.message", R"("content":"x")", "ok"},
      {"agent.message", "", "ok"},
      {"agent.message", R"("content":7)", "content: must be an array of content blocks or a string"},
      {"agent.message", R"("content":[7])", "content[0]: must be a content block, an object with a type"},
      {"agent.tool_use", R"("content":{"name":"web_search","input":{"query":"order 1234"}})", "ok"},
      {"agent.tool_use", R"("name":"bash","input":{"command":"ls"},"evaluated_permission":"allow")", "ok"},
      {"agent.tool_use", R"("evaluated_permission":null)", "ok"},
      {"agent.tool_use", R"("evaluated_permission":true)", "evaluated_permission: must be a string"},
      {"agent.mcp_tool_use", R"("evaluated_permission":{"type":"ask"})",
       "evaluated_permission: must be a string"},
      {"agent.custom_tool_use", R"("name":"x","input":{})", "ok"},
      {"session.status_idle", "", "ok"},
      {"session.status_idle", R"("stop_reason":null)", "ok"},
      {"session.status_idle", R"("stop_reason":{"type":"end_turn"})", "ok"},
      {"session.status_idle", R"("stop_reason":{"type":"end_turn"},"stop_details":null)", "ok"},
      {"session.status_idle", R"("stop_reason":{"type":"requires_action","event_ids":["sevt_1"]})", "ok"},
      {"session.status_idle", R"("stop_reason":"end_turn")", "stop_reason: must be an object"},
      {"session.status_idle", R"("stop_reason":{})", "stop_reason.type: is required"},
      {"session.status_idle", R"("stop_reason":{"type":1})", "stop_reason.type: must be a string"},
      {"span.model_request_end",
       R"("model_usage":{"input_tokens":1,"output_tokens":2,"speed":"fast"},"is_error":null)", "ok"},
      {"span.model_request_end", R"("model_usage":{"input_tokens":null})", "ok"},
      {"span.model_request_end", "", "ok"},
      {"span.model_request_end", R"("model_usage":[])", "model_usage: must be an object"},
      {"span.model_request_end", R"("model_usage":{"input_tokens":"1"})",
       "model_usage.input_tokens: must be an integer from 0 on"},
      {"span.model_request_end", R"("model_usage":{"output_tokens":-1})",
       "model_usage.output_tokens: must be an integer from 0 on"},
      {"span.model_request_end", R"("model_usage":{"cache_read_input_tokens":1e400})",
       "model_usage.cache_read_input_tokens: must be an integer from 0 on"},
      {"session.usage", R"("usage":{"input_tokens":"whatever"})", "ok"},
      {"vendor.thing", R"("content":1,"tool_use_id":2,"stop_reason":3)", "ok"},
  });
}

const std::string user = R"({"type":"user.message","content":[]})";
const std::string sys = R"({"type":"system.message","content":[{"type":"text","text":"x"}]})";

CAF_TEST(system messages stand behind what they belong to) {
  const std::string refused =
      ": a system.message must stand directly behind the user.message, user.tool_result, "
      "user.custom_tool_result or "
      "user.tool_confirmation it belongs to";
  struct case_row {
    std::string events;
    std::string outcome;
  };
  const case_row rows[] = {
      {user + "," + sys, "ok"},
      {R"({"type":"user.tool_result","tool_use_id":"a"},)" + sys, "ok"},
      {R"({"type":"user.custom_tool_result","custom_tool_use_id":"a"},)" + sys, "ok"},
      {R"({"type":"user.tool_confirmation","tool_use_id":"a","result":"allow"},)" + sys, "ok"},
      {sys, "invalid: events[0]" + refused},
      {R"({"type":"user.interrupt"},)" + sys, "invalid: events[1]" + refused},
      {user + R"(,{"type":"user.interrupt"},)" + sys, "invalid: events[2]" + refused},
      {sys + "," + user, "invalid: events[0]: a system.message must be the last event of its request"},
      {user + "," + sys + "," + sys,
       "invalid: events[1]: a system.message must be the last event of its request"},
  };
  for (const auto& [events, expected] : rows) {
    CAF_MESSAGE(events);
    CAF_CHECK_EQUAL(outcome(events), expected);
  }
}

CAF_TEST(system messages hold text) {
  const auto with = [](std::string_view content) {
    return outcome(user + R"(,{"type":"system.message","content":)" + std::string{content} + "}");
  };
  CAF_CHECK_EQUAL(with(R"([{"type":"text","text":"x"}])"), "ok");
  CAF_CHECK_EQUAL(with("null"), "invalid: events[1].content: is required");
  CAF_CHECK_EQUAL(with(R"("x")"), "invalid: events[1].content: must be an array of content blocks");
  CAF_CHECK_EQUAL(with(R"([{"type":"text","text":"x"},{"type":"image"}])"),
                  "invalid: events[1].content[1].type: must be \"text\" here");
}

CAF_TEST(references to things elsewhere) {
  for (const std::string& good :
       {std::string{"a"}, std::string{"toolu_0_0"}, std::string{"ünïcode"}, std::string(128, 'x')})
    CAF_CHECK(is_acceptable_reference(good));
  for (const std::string& bad : {std::string{}, std::string(129, 'x'), std::string{"a\nb"},
                                 std::string{"a\0", 2}, std::string{"\x7f"}})
    CAF_CHECK(!is_acceptable_reference(bad));
}

}  // namespace
