// SPDX-License-Identifier: Apache-2.0
#include "config/client/tool_uses.hpp"
#include "config/commands/commands.hpp"
#include "config/commands/service_tool.hpp"
#include "config/terminal/printable.hpp"
#include "events/base/utf8.hpp"
#include "events/json/json_writer.hpp"

#include <fmt/core.h>

namespace sandbase {
namespace {

/// The one that is meant; nothing, with the exit code, if it cannot be told.
std::optional<std::string> find_tool_use(service_client& client, const confirm_command& command, int& code) {
  if (!command.tool_use.empty()) return command.tool_use;
  const auto found = find_unconfirmed(client, command.session);
  if (!found) {
    code = report(found.error(), exit_failed);
    return std::nullopt;
  }
  const auto& waiting = *found;
  if (waiting.size() == 1) return waiting.front().id;
  if (waiting.empty()) {
    code = report({errc::not_found, "no tool use of this session waits for a confirmation"}, exit_failed);
    return std::nullopt;
  }
  code = report({errc::invalid, fmt::format("{} tool uses wait; name one of them:", waiting.size())},
                exit_refused);
  for (const auto& use : waiting)
    fmt::print(stderr, "{}  {}  {}\n", printable(use.id), printable(use.type), printable(use.name));
  return std::nullopt;
}

std::string confirmation_of(const std::string& tool_use, const confirm_command& command) {
  std::string event;
  json::object_writer out{event};
  out.text("type", "user.tool_confirmation");
  out.text("tool_use_id", tool_use);
  out.text("result", command.allow ? "allow" : "deny");
  if (command.message) out.text("deny_message", *command.message);
  out.close();
  return event;
}

}  // namespace

int run_confirm(const confirm_command& command, const service_target& service) {
  if (!is_utf8(command.tool_use) || !is_utf8(command.message.value_or("")))
    return report({errc::invalid, "the tool use or the message is not UTF-8"}, exit_refused);
  return at_service(service, [&](service_client& client) {
    int code = exit_failed;
    const auto tool_use = find_tool_use(client, command, code);
    if (!tool_use) return code;
    const auto sent =
        send_events(client, command.session, body_of_events({confirmation_of(*tool_use, command)}));
    if (!sent) return report(sent.error(), exit_failed);
    fmt::print(stderr, "{} is {}.\n", printable(*tool_use), command.allow ? "approved" : "denied");
    return static_cast<int>(exit_ok);
  });
}

int run_interrupt(const interrupt_command& command, const service_target& service) {
  return at_service(service, [&](service_client& client) {
    const auto sent = send_events(client, command.session, body_of_events({R"({"type":"user.interrupt"})"}));
    if (!sent) return report(sent.error(), exit_failed);
    fmt::print(stderr, "Session {} was told to stop.\n", printable(command.session));
    return static_cast<int>(exit_ok);
  });
}

}  // namespace sandbase
