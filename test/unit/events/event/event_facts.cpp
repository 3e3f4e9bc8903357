// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE event_facts
#include "events/event/event_facts.hpp"

#include "events/event/event_draft.hpp"
#include "test/unit/events/expect.hpp"
#include "test/unit/support/imported_event.hpp"
#include "test/unit/support/test.hpp"

#include <string>

namespace {

using namespace sandbase;
using testing::outcome_of;

/// Facts, as text that a table can hold: only what is set.
std::string show(const event_facts& facts) {
  std::string out = facts.type == event_type::custom ? "custom" : std::string{name_of(facts.type)};
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) out.append(" ").append(name).append("=").append(value);
  };
  add("stop", facts.stop_reason);
  add("answers", facts.answers);
  add("permission", facts.permission);
  add("tool", facts.tool_name);
  if (facts.details) {
    add("cache_creation", facts.details->cache_creation);
    add("cost", facts.details->list_cost);
    add("server_tools", facts.details->server_tool_use);
  }
  if (facts.usage) {
    add("usage", std::to_string(facts.usage->input_tokens) + "/" +
                     std::to_string(facts.usage->output_tokens) + "/" +
                     std::to_string(facts.usage->cache_read_input_tokens) + "/" +
                     std::to_string(facts.usage->cache_creation_input_tokens));
  }
  add("outcome", facts.outcome_id);
  add("description", facts.outcome_description);
  add("result", facts.outcome_result);
  add("explanation", facts.outcome_explanation);
  if (facts.outcome_iteration != 0) add("iteration", std::to_string(facts.outcome_iteration));
  return out;
}

struct row {
  /// Without its braces.
  std::string event;
  std::string facts;
};

const row rows[] = {
    {R"("type":"user.message","content":[{"type":"text","text":"x"}],"tool_use_id":"no")", "user.message"},
    {R"("type":"vendor.thing","tool_use_id":"no")", "custom"},
    {R"("type":"user.tool_confirmation","tool_use_id":"sevt_1","result":"deny","deny_message":"x")",
     "user.tool_confirmation answers=sevt_1 permission=deny"},
    {R"("type":"user.tool_result","tool_use_id":"sevt_1","content":[])", "user.tool_result answers=sevt_1"},
    {R"("type":"agent.tool_result","content":[],"tool_use_id":"sevt\u005f1")",
     "agent.tool_result answers=sevt_1"},
    {R"("type":"agent.tool_result")", "agent.tool_result"},
    {R"("type":"user.custom_tool_result","custom_tool_use_id":"sevt_1","tool_use_id":"no")",
     "user.custom_tool_result answers=sevt_1"},
    {R"("type":"agent.mcp_tool_result","mcp_tool_use_id":"sevt_1","tool_use_id":"no")",
     "agent.mcp_tool_result answers=sevt_1"},
    {R"("type":"agent.tool_use","name":"x","input":{"evaluated_permission":"no"},"evaluated_permission":"ask")",
     "agent.tool_use permission=ask tool=x"},
    {R"("type":"agent.mcp_tool_use","evaluated_permission":"allow")", "agent.mcp_tool_use permission=allow"},
    {R"("type":"agent.custom_tool_use","evaluated_permission":"allow")", "agent.custom_tool_use"},
    {R"("type":"session.status_idle","stop_reason":{"event_ids":["a"],"type":"requires_action"})",
     "session.status_idle stop=requires_action"},
    {R"("type":"session.status_idle","stop_reason":null)", "session.status_idle"},
    {R"("type":"session.thread_status_idle","stop_reason":{"type":"end_turn"})",
     "session.thread_status_idle"},
    {R"("type":"span.model_request_end","model_usage":{"input_tokens":1,"output_tokens":2,"cache_read_input_tokens":3,"cache_creation_input_tokens":4,"speed":"fast"})",
     "span.model_request_end usage=1/2/3/4"},
    {R"("type":"span.model_request_end","model_usage":{"output_tokens":9223372036854775807,"input_tokens":null})",
     "span.model_request_end usage=0/9223372036854775807/0/0"},
    {R"("type":"span.model_request_end","model_usage":null)", "span.model_request_end"},
    {R"("type":"session.usage","usage":{"input_tokens":1})", "session.usage"},
    {R"("type":"session.usage","usage":{"cache_creation":{ "a" : 1 },"list_cost":{},"server_tool_use":{"b":2}})",
     R"(session.usage cache_creation={"a":1} cost={} server_tools={"b":2})"},
    {R"("type":"agent.custom_tool_use","content":{"name":"a"})", "agent.custom_tool_use tool=a"},
    {R"("type":"agent.tool_use","content":{"name":"a"},"name":"b")", "agent.tool_use tool=b"},
    {R"("type":"agent.tool_use","name":"b","content":{"name":"a"})", "agent.tool_use tool=b"},
    {R"("type":"agent.tool_use","content":[],"name":null)", "agent.tool_use"},
    {R"("type":"user.define_outcome","description":"a \"b\"","rubric":{"type":"text"})",
     "user.define_outcome description=a \"b\""},
    {R"("type":"span.outcome_evaluation_end","outcome_id":"outc_1","result":"satisfied","explanation":"e","iteration":2)",
     "span.outcome_evaluation_end outcome=outc_1 result=satisfied explanation=e iteration=2"},
    {R"("type":"span.outcome_evaluation_start","outcome_id":"outc_1","iteration":1)",
     "span.outcome_evaluation_start outcome=outc_1 iteration=1"},
};

CAF_TEST(drafts and stored events give the same facts) {
  for (const auto& [event, facts] : rows) {
    CAF_MESSAGE(event);
    const auto draft = test::read_imported("{" + event + "}", "event");
    CAF_REQUIRE_EQUAL(outcome_of(draft), "ok");
    CAF_CHECK_EQUAL(show(draft->facts), facts);
    CAF_CHECK_EQUAL(show(facts_of(render_event(*draft, "sevt_7", "2026-05-29T10:00:00.000Z"))), facts);
  }
}

CAF_TEST(members of other kinds are passed over) {
  CAF_CHECK_EQUAL(show(facts_of(R"({"id":"a_1","type":"agent.tool_result","tool_use_id":7})")),
                  "agent.tool_result");
  CAF_CHECK_EQUAL(show(facts_of(R"({"id":"a_1","type":"session.status_idle","stop_reason":"end_turn"})")),
                  "session.status_idle");
  CAF_CHECK_EQUAL(show(facts_of(R"({"id":"a_1","type":"session.status_idle","stop_reason":{"type":[]}})")),
                  "session.status_idle");
  CAF_CHECK_EQUAL(
      show(facts_of(
          R"({"id":"a_1","type":"span.model_request_end","model_usage":{"input_tokens":-5,"output_tokens":"x"}})")),
      "span.model_request_end usage=0/0/0/0");
  CAF_CHECK_EQUAL(show(facts_of(R"({"id":"a_1"})")), "custom");
}

CAF_TEST(an outcome id that the service added is found in the stored event) {
  CAF_CHECK_EQUAL(
      show(facts_of(
          R"({"id":"a_1","type":"user.define_outcome","description":"d","outcome_id":"outc_9","processed_at":"T"})")),
      "user.define_outcome outcome=outc_9 description=d");
}

}  // namespace
