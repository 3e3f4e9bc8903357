// SPDX-License-Identifier: Apache-2.0
// What the rules and the session's status read of an event: extracted once, from a draft or from stored JSON.
#pragma once

#include "events/base/fingerprint.hpp"
#include "events/event/catalog.hpp"
#include "events/json/json_text.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sandbase {

/// Token counts of one `span.model_request_end` (its `model_usage`), or their sum over a session.
struct token_usage {
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t cache_read_input_tokens = 0;
  std::int64_t cache_creation_input_tokens = 0;
  bool operator==(const token_usage&) const = default;
};

/// What a `session.usage` tells beyond token counts: JSON objects, empty where it does not.
struct usage_details {
  std::string cache_creation;
  std::string list_cost;
  std::string server_tool_use;
  bool operator==(const usage_details&) const = default;
};
/// Longer ones are passed over: they stand in every session object.
inline constexpr std::size_t max_usage_detail = 256;

/// The fields of an event that some rule here reads. Absent ones are empty.
struct event_facts {
  event_type type = event_type::custom;
  /// `stop_reason.type` of session.status_idle.
  std::string stop_reason;
  /// `tool_use_id`, `custom_tool_use_id` or `mcp_tool_use_id`: the event that this one answers.
  std::string answers;
  /// Of a client's answer to a tool use: what it says, but for id and time. The same for equal answers.
  std::optional<fingerprint> says;
  /// `evaluated_permission` of a tool use, or `result` (allow, deny) of user.tool_confirmation.
  std::string permission;
  /// `name` of a tool use, or that within its `content`; at most max_tool_name bytes of it.
  std::string tool_name;
  /// `model_usage` of span.model_request_end.
  std::optional<token_usage> usage;
  /// `usage` of session.usage.
  std::optional<usage_details> details;
  /// `outcome_id` of user.define_outcome and span.outcome_evaluation_*; `description` of the former;
  /// `result`, `explanation` and `iteration` of the latter.
  std::string outcome_id;
  std::string outcome_description;
  std::string outcome_result;
  std::string outcome_explanation;
  std::int64_t outcome_iteration = 0;
};

inline constexpr std::size_t max_tool_name = 128;

/// Takes in one top-level member of an event. Members that no rule reads, or of another kind than the rules
/// demand, are passed over. @pre facts.type is set
void add_fact(event_facts& facts, std::string_view key, const json::value& v);

/// Whether a client answers a tool use with it: such an event must name one that waits.
bool is_answer(event_type type);
/// The member by which it names that. @pre is_answer(type)
std::string_view answered_member(event_type type);
/// `says` of an event that is_answer. @param payload its members beside id, type and time, in the stored form
fingerprint what_is_said(event_type type, std::string_view payload);

/// Facts of a stored event. @pre `json` is an event this service rendered (valid, an object)
event_facts facts_of(std::string_view json);

}  // namespace sandbase
