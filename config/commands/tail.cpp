// SPDX-License-Identifier: Apache-2.0
#include "config/client/event_follower.hpp"
#include "config/commands/commands.hpp"
#include "config/commands/event_display.hpp"
#include "config/commands/service_tool.hpp"
#include "config/terminal/terminal.hpp"

#include <fmt/core.h>

namespace sandbase {
namespace {

tail_plan plan_of(const tail_command& command, bool with_previews) {
  tail_plan plan;
  plan.session = command.session;
  plan.for_ever = command.follow;
  plan.parameters.emplace_back("follow", command.follow ? "true" : "false");
  for (const auto& type : command.types) plan.parameters.emplace_back("types", type);
  if (command.follow && with_previews) {
    plan.parameters.emplace_back("event_deltas[]", "agent.message");
  }
  if (command.last) plan.where_to_begin.emplace_back("tail", std::to_string(*command.last));
  return plan;
}

void tell_of_loss(const std::string& why) {
  fmt::print(stderr, "sandbase-events: {}; connecting again\n", why);
}

}  // namespace

int run_tail(const tail_command& command, const service_target& service) {
  return at_service(service, [&](service_client& client) {
    leave_with_reader();
    event_display display{command.as_json ? event_display::style::json : event_display::style::people};
    follow_handlers handlers;
    handlers.event = [&](const json::value& event) { return display.event(event); };
    handlers.preview = [&](const json::value& preview) { return display.preview(preview); };
    handlers.lost = tell_of_loss;
    const auto ended = follow_events(client, plan_of(command, display.shows_previews()), handlers);
    if (ended) return static_cast<int>(exit_ok);
    // Whoever closed the pipe has what it wanted.
    if (ended.error().code == errc::io_failed && ended.error().message.empty())
      return static_cast<int>(exit_ok);
    return report(ended.error(), exit_failed);
  });
}

}  // namespace sandbase
