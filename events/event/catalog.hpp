// SPDX-License-Identifier: Apache-2.0
// The catalog of event types: the ones that the Managed Agents sessions API names, and what each means here.
// Source of the names: BetaManagedAgentsSessionEventType of the Anthropic SDK
// (resources/beta/sessions/events.d.ts); session.event_redacted is this service's own.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sandbase {

/// Code of an event type. Codes are stored in segments: append only, never renumber.
/// `custom` stands for every type that is not listed; its name is read from the event itself.
enum class event_type : std::uint16_t {
  custom = 0,
  user_message = 1,
  user_interrupt = 2,
  user_tool_confirmation = 3,
  user_custom_tool_result = 4,
  user_tool_result = 5,
  user_define_outcome = 6,
  system_message = 7,
  agent_message = 8,
  agent_thinking = 9,
  agent_tool_use = 10,
  agent_tool_result = 11,
  agent_custom_tool_use = 12,
  agent_mcp_tool_use = 13,
  agent_mcp_tool_result = 14,
  agent_thread_message_received = 15,
  agent_thread_message_sent = 16,
  agent_thread_context_compacted = 17,
  session_error = 18,
  session_status_rescheduled = 19,
  session_status_running = 20,
  session_status_idle = 21,
  session_status_terminated = 22,
  session_thread_created = 23,
  session_thread_status_running = 24,
  session_thread_status_idle = 25,
  session_thread_status_terminated = 26,
  session_thread_status_rescheduled = 27,
  session_updated = 28,
  session_deleted = 29,
  session_usage = 30,
  span_outcome_evaluation_start = 31,
  span_outcome_evaluation_ongoing = 32,
  span_outcome_evaluation_end = 33,
  span_model_request_start = 34,
  span_model_request_end = 35,
  workflow_run_created = 36,
  workflow_run_status_running = 37,
  workflow_run_status_idle = 38,
  workflow_run_status_ended = 39,
  workflow_run_error = 40,
  workflow_run_phase_started = 41,
  workflow_run_phase_ended = 42,
  session_event_redacted = 43,
};
inline constexpr std::uint16_t event_type_count = 44;

/// The code of a type's name; `custom` if the catalog does not list it.
event_type find_type(std::string_view name);

/// The name of a listed type. @pre type != event_type::custom
std::string_view name_of(event_type type);

/// Whether a `client` key may send it: user.* and system.message.
bool client_may_send(event_type type);

inline constexpr std::size_t max_type_name_size = 128;
/// Whether `name` could be a runtime's own type:
/// `^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$`, of at most max_type_name_size characters.
bool is_valid_type_name(std::string_view name);

}  // namespace sandbase
