// SPDX-License-Identifier: Apache-2.0
// What every command that talks to a service shares.
#pragma once

#include "config/client/service_client.hpp"
#include "config/commands/tool.hpp"
#include "config/service_target.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace sandbase {

/// Opens the service and has `work` done; Ctrl-C ends the process quietly.
/// @returns the process's exit code
int at_service(const service_target& target, const std::function<int(service_client&)>& work);

/// One line on stdout. @returns the process's exit code
int print_line(std::string_view text);
/// JSON, as it is or, on a terminal, with harmful characters escaped.
int print_json(std::string_view json);

/// `{"events":[…]}`. `events`: each as JSON
std::string body_of_events(const std::vector<std::string>& events);
/// `user.message` with this text. @pre is_utf8(text)
std::string user_message(std::string_view text);
/// Sends them to a session, stored once. @returns the answer of Send Events
result<json_answer> send_events(service_client& client, std::string_view session, std::string body);

}  // namespace sandbase
