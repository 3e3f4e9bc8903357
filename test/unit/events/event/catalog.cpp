// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE catalog
#include "events/event/catalog.hpp"

#include "test/unit/support/test.hpp"

#include <set>
#include <string>

namespace {

using namespace sandbase;

CAF_TEST(names and codes are one to one) {
  std::set<std::string_view> names;
  for (std::uint16_t code = 1; code < event_type_count; ++code) {
    const auto type = static_cast<event_type>(code);
    CAF_CHECK(find_type(name_of(type)) == type);
    CAF_CHECK(is_valid_type_name(name_of(type)));
    names.insert(name_of(type));
  }
  CAF_CHECK_EQUAL(names.size(), std::size_t{event_type_count - 1});
}

CAF_TEST(codes are stored and so never change) {
  struct row {
    int code;
    std::string_view name;
  };
  const row rows[] = {
      {1, "user.message"},
      {2, "user.interrupt"},
      {3, "user.tool_confirmation"},
      {4, "user.custom_tool_result"},
      {5, "user.tool_result"},
      {6, "user.define_outcome"},
      {7, "system.message"},
      {8, "agent.message"},
      {9, "agent.thinking"},
      {10, "agent.tool_use"},
      {11, "agent.tool_result"},
      {12, "agent.custom_tool_use"},
      {13, "agent.mcp_tool_use"},
      {14, "agent.mcp_tool_result"},
      {15, "agent.thread_message_received"},
      {16, "agent.thread_message_sent"},
      {17, "agent.thread_context_compacted"},
      {18, "session.error"},
      {19, "session.status_rescheduled"},
      {20, "session.status_running"},
      {21, "session.status_idle"},
      {22, "session.status_terminated"},
      {23, "session.thread_created"},
      {24, "session.thread_status_running"},
      {25, "session.thread_status_idle"},
      {26, "session.thread_status_terminated"},
      {27, "session.thread_status_rescheduled"},
      {28, "session.updated"},
      {29, "session.deleted"},
      {30, "session.usage"},
      {31, "span.outcome_evaluation_start"},
      {32, "span.outcome_evaluation_ongoing"},
      {33, "span.outcome_evaluation_end"},
      {34, "span.model_request_start"},
      {35, "span.model_request_end"},
      {36, "workflow_run.created"},
      {37, "workflow_run.status_running"},
      {38, "workflow_run.status_idle"},
      {39, "workflow_run.status_ended"},
      {40, "workflow_run.error"},
      {41, "workflow_run.phase_started"},
      {42, "workflow_run.phase_ended"},
      {43, "session.event_redacted"},
  };
  CAF_CHECK_EQUAL(std::size(rows), std::size_t{event_type_count - 1});
  for (const auto& [code, name] : rows) CAF_CHECK_EQUAL(static_cast<int>(find_type(name)), code);
}

CAF_TEST(other names are custom) {
  for (const std::string_view name :
       {"", "user", "user.", "user.messag", "user.messages", "USER.MESSAGE", "zzz.zzz", "a.b"})
    CAF_CHECK(find_type(name) == event_type::custom);
}

CAF_TEST(clients send what users and their systems say) {
  for (std::uint16_t code = 0; code < event_type_count; ++code) {
    const auto type = static_cast<event_type>(code);
    const bool expected = type != event_type::custom &&
                          (name_of(type).starts_with("user.") || name_of(type) == "system.message");
    CAF_CHECK_EQUAL(client_may_send(type), expected);
  }
}

CAF_TEST(names of custom types) {
  for (const std::string& name :
       {std::string{"a.b"}, std::string{"vendor.thing_happened"}, std::string{"a1_.2.c"},
        std::string{"user.something_new"}, "a." + std::string(126, 'x')})
    CAF_CHECK(is_valid_type_name(name));
  for (const std::string& name :
       {std::string{}, std::string{"a"}, std::string{"a."}, std::string{".a"}, std::string{"a..b"},
        std::string{"1a.b"}, std::string{"_a.b"}, std::string{"A.b"}, std::string{"a.B"},
        std::string{"a-b.c"}, std::string{"a b.c"}, std::string{"a.b "}, std::string{"a.b\0", 4},
        std::string{"\xc3\xa4.b"}, "a." + std::string(127, 'x')}) {
    CAF_MESSAGE(name);
    CAF_CHECK(!is_valid_type_name(name));
  }
}

}  // namespace
