// SPDX-License-Identifier: Apache-2.0
#include "events/event/event_facts.hpp"

#include "events/base/utf8.hpp"
#include "events/event/stored_layout.hpp"
#include "events/event/tombstone.hpp"
#include "events/json/json_writer.hpp"

#include <algorithm>

namespace sandbase {

namespace {

void read_text(std::string& to, const json::value& v) {
  if (v.is(json::kind::string)) to = v.as_string();
}

void read_count(std::int64_t& to, const json::value& v) {
  if (!v.is(json::kind::number)) return;
  if (const auto n = v.as_int()) to = std::max<std::int64_t>(*n, 0);
}

void read_usage(std::optional<token_usage>& to, const json::value& v) {
  if (!v.is(json::kind::object)) return;
  token_usage usage;
  v.for_each_member([&](std::string_view, std::string_view key, const json::value& count) {
    if (key == "input_tokens") read_count(usage.input_tokens, count);
    if (key == "output_tokens") read_count(usage.output_tokens, count);
    if (key == "cache_read_input_tokens") read_count(usage.cache_read_input_tokens, count);
    if (key == "cache_creation_input_tokens") read_count(usage.cache_creation_input_tokens, count);
  });
  to = usage;
}

void read_tool_name(std::string& to, const json::value& v) {
  std::string name;
  read_text(name, v);
  if (!name.empty()) to = cut_text(name, max_tool_name);
}

void read_details(std::optional<usage_details>& to, const json::value& v) {
  if (!v.is(json::kind::object)) return;
  usage_details details;
  v.for_each_member([&](std::string_view, std::string_view key, const json::value& detail) {
    auto* const member = key == "cache_creation"    ? &details.cache_creation
                         : key == "list_cost"       ? &details.list_cost
                         : key == "server_tool_use" ? &details.server_tool_use
                                                    : nullptr;
    if (member == nullptr || !detail.is(json::kind::object)) return;
    if (auto text = json::compact(detail.text()); text.size() <= max_usage_detail) *member = std::move(text);
  });
  to = std::move(details);
}

}  // namespace

void add_fact(event_facts& facts, std::string_view key, const json::value& v) {
  switch (facts.type) {
    case event_type::user_tool_confirmation:
      if (key == "tool_use_id") read_text(facts.answers, v);
      if (key == "result") read_text(facts.permission, v);
      break;
    case event_type::user_tool_result:
    case event_type::agent_tool_result:
      if (key == "tool_use_id") read_text(facts.answers, v);
      break;
    case event_type::user_custom_tool_result:
      if (key == "custom_tool_use_id") read_text(facts.answers, v);
      break;
    case event_type::agent_mcp_tool_result:
      if (key == "mcp_tool_use_id") read_text(facts.answers, v);
      break;
    case event_type::agent_tool_use:
    case event_type::agent_mcp_tool_use:
    case event_type::agent_custom_tool_use:
      if (key == "evaluated_permission" && facts.type != event_type::agent_custom_tool_use)
        read_text(facts.permission, v);
      if (key == "name") read_tool_name(facts.tool_name, v);
      if (key == "content" && facts.tool_name.empty() && v.is(json::kind::object))
        if (const auto name = v.find("name")) read_tool_name(facts.tool_name, *name);
      break;
    case event_type::session_status_idle:
      if (key == "stop_reason" && v.is(json::kind::object)) {
        if (const auto type = v.find("type")) read_text(facts.stop_reason, *type);
      }
      break;
    case event_type::span_model_request_end:
      if (key == "model_usage") read_usage(facts.usage, v);
      break;
    case event_type::session_usage:
      if (key == "usage") read_details(facts.details, v);
      break;
    case event_type::user_define_outcome:
      if (key == "outcome_id") read_text(facts.outcome_id, v);
      if (key == "description") read_text(facts.outcome_description, v);
      break;
    case event_type::span_outcome_evaluation_start:
    case event_type::span_outcome_evaluation_ongoing:
    case event_type::span_outcome_evaluation_end:
      if (key == "outcome_id") read_text(facts.outcome_id, v);
      if (key == "result") read_text(facts.outcome_result, v);
      if (key == "explanation") read_text(facts.outcome_explanation, v);
      if (key == "iteration") read_count(facts.outcome_iteration, v);
      break;
    default:
      break;
  }
}

bool is_answer(event_type type) {
  return type == event_type::user_tool_confirmation || type == event_type::user_tool_result ||
         type == event_type::user_custom_tool_result;
}

std::string_view answered_member(event_type type) {
  return type == event_type::user_custom_tool_result ? "custom_tool_use_id" : "tool_use_id";
}

fingerprint what_is_said(event_type type, std::string_view payload) {
  return lasting_fingerprint_of(payload, static_cast<std::uint64_t>(type));
}

event_facts facts_of(std::string_view json) {
  event_facts facts;
  const json::value event{json};
  // The type stands second in a stored event, so looking for it first costs next to nothing.
  if (const auto type = event.find("type"); type && type->is(json::kind::string))
    facts.type = find_type(type->as_string());
  switch (facts.type) {
    case event_type::user_tool_confirmation:
    case event_type::user_tool_result:
    case event_type::agent_tool_result:
    case event_type::user_custom_tool_result:
    case event_type::agent_mcp_tool_result:
    case event_type::agent_tool_use:
    case event_type::agent_mcp_tool_use:
    case event_type::agent_custom_tool_use:
    case event_type::session_status_idle:
    case event_type::session_usage:
    case event_type::span_model_request_end:
    case event_type::user_define_outcome:
    case event_type::span_outcome_evaluation_start:
    case event_type::span_outcome_evaluation_ongoing:
    case event_type::span_outcome_evaluation_end:
      event.for_each_member(
          [&](std::string_view, std::string_view key, const json::value& v) { add_fact(facts, key, v); });
      break;
    default:
      break;
  }
  if (facts.type == event_type::session_status_idle && is_waiting_tombstone(json))
    facts.stop_reason = "requires_action";
  if (is_answer(facts.type) && !is_tombstone(json))
    if (const auto parts = stored_layout::read(json); parts && !parts->payload.empty())
      facts.says = what_is_said(facts.type, parts->payload.substr(1));
  return facts;
}

}  // namespace sandbase
