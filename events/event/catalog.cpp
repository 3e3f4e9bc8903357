// SPDX-License-Identifier: Apache-2.0
#include "events/event/catalog.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace sandbase {

namespace {

// In the order of the codes. The first place is that of `custom`, which has no name.
constexpr std::array<std::string_view, event_type_count> names{
    "",
    "user.message",
    "user.interrupt",
    "user.tool_confirmation",
    "user.custom_tool_result",
    "user.tool_result",
    "user.define_outcome",
    "system.message",
    "agent.message",
    "agent.thinking",
    "agent.tool_use",
    "agent.tool_result",
    "agent.custom_tool_use",
    "agent.mcp_tool_use",
    "agent.mcp_tool_result",
    "agent.thread_message_received",
    "agent.thread_message_sent",
    "agent.thread_context_compacted",
    "session.error",
    "session.status_rescheduled",
    "session.status_running",
    "session.status_idle",
    "session.status_terminated",
    "session.thread_created",
    "session.thread_status_running",
    "session.thread_status_idle",
    "session.thread_status_terminated",
    "session.thread_status_rescheduled",
    "session.updated",
    "session.deleted",
    "session.usage",
    "span.outcome_evaluation_start",
    "span.outcome_evaluation_ongoing",
    "span.outcome_evaluation_end",
    "span.model_request_start",
    "span.model_request_end",
    "workflow_run.created",
    "workflow_run.status_running",
    "workflow_run.status_idle",
    "workflow_run.status_ended",
    "workflow_run.error",
    "workflow_run.phase_started",
    "workflow_run.phase_ended",
    "session.event_redacted",
};
static_assert(std::ranges::none_of(names.begin() + 1, names.end(), &std::string_view::empty));

struct named_type {
  std::string_view name;
  event_type type;
};

constexpr auto by_name = [] {
  std::array<named_type, event_type_count - 1> sorted{};
  for (std::size_t i = 0; i < sorted.size(); ++i) sorted[i] = {names[i + 1], static_cast<event_type>(i + 1)};
  std::ranges::sort(sorted, {}, &named_type::name);
  return sorted;
}();
static_assert(std::ranges::adjacent_find(by_name, {}, &named_type::name) == by_name.end());

constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_part_char(char c) { return is_lower(c) || (c >= '0' && c <= '9') || c == '_'; }

}  // namespace

event_type find_type(std::string_view name) {
  const auto found = std::ranges::lower_bound(by_name, name, {}, &named_type::name);
  return found != by_name.end() && found->name == name ? found->type : event_type::custom;
}

std::string_view name_of(event_type type) {
  assert(type != event_type::custom && static_cast<std::uint16_t>(type) < event_type_count);
  return names[static_cast<std::size_t>(type)];
}

bool client_may_send(event_type type) {
  switch (type) {
    case event_type::user_message:
    case event_type::user_interrupt:
    case event_type::user_tool_confirmation:
    case event_type::user_custom_tool_result:
    case event_type::user_tool_result:
    case event_type::user_define_outcome:
    case event_type::system_message:
      return true;
    default:
      return false;
  }
}

bool is_valid_type_name(std::string_view name) {
  if (name.empty() || name.size() > max_type_name_size || !is_lower(name.front())) return false;
  bool dotted = false;
  char before = 0;
  for (const char c : name) {
    if (c == '.') {
      if (before == '.') return false;
      dotted = true;
    } else if (!is_part_char(c)) {
      return false;
    }
    before = c;
  }
  return dotted && before != '.';
}

}  // namespace sandbase
