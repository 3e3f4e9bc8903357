// SPDX-License-Identifier: Apache-2.0
#include "config/commands/service_tool.hpp"

#include "config/commands/output.hpp"
#include "config/terminal/printable.hpp"
#include "config/terminal/terminal.hpp"
#include "events/json/json_writer.hpp"

#include <unistd.h>
#include <utility>

namespace sandbase {

int at_service(const service_target& target, const std::function<int(service_client&)>& work) {
  auto client = service_client::make(target);
  if (!client) return report(client.error(), exit_refused);
  end_quietly_at_signals();
  return work(*client);
}

int print_line(std::string_view text) {
  auto out = output::to_stdout();
  auto written = out.write(std::string{text} + "\n");
  if (written) written = out.finish();
  return written ? exit_ok : report(written.error(), exit_failed);
}

int print_json(std::string_view json) {
  return print_line(is_terminal(STDOUT_FILENO) ? escape_for_terminal(json) : std::string{json});
}

std::string body_of_events(const std::vector<std::string>& events) {
  std::string body = R"({"events":)";
  json::append_array(body, events, [&](const std::string& event) { body += event; });
  return body + "}";
}

std::string user_message(std::string_view text) {
  return R"({"type":"user.message","content":[{"type":"text","text":)" + json::quoted(text) + "}]}";
}

result<json_answer> send_events(service_client& client, std::string_view session, std::string body) {
  return client.post_once(session_path(session, "/events"), std::move(body));
}

}  // namespace sandbase
