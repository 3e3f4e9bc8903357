// SPDX-License-Identifier: Apache-2.0
#include "config/commands/commands.hpp"
#include "config/commands/service_tool.hpp"
#include "config/terminal/printable.hpp"
#include "config/terminal/terminal.hpp"
#include "events/base/utf8.hpp"
#include "events/json/json_members.hpp"
#include "events/json/json_writer.hpp"

#include <cstdio>
#include <fmt/core.h>
#include <iostream>
#include <string>
#include <unistd.h>

namespace sandbase {
namespace {

using pairs = std::vector<std::pair<std::string, std::string>>;

/// What a command line has need not be text.
result<void> check_text(std::string_view option, const std::optional<std::string>& text) {
  if (!text || is_utf8(*text)) return {};
  return {errc::invalid, fmt::format("{}: is not UTF-8", option)};
}

result<void> check_pairs(const pairs& all) {
  for (const auto& [name, value] : all)
    if (!is_utf8(name) || !is_utf8(value)) return {errc::invalid, "--metadata: is not UTF-8"};
  return {};
}

void put_pairs(json::object_writer& bag, const pairs& all) {
  for (const auto& [name, value] : all) bag.text(name, value);
}

std::string body_of(const create_session_command& command) {
  std::string body;
  json::object_writer out{body};
  out.text("agent", command.agent);
  out.text("environment_id", command.environment);
  if (command.title) out.text("title", *command.title);
  if (!command.metadata.empty()) {
    json::object_writer bag{out.member_name("metadata")};
    put_pairs(bag, command.metadata);
    bag.close();
  }
  if (command.message) out.raw("initial_events", "[" + user_message(*command.message) + "]");
  out.close();
  return body;
}

std::string body_of(const update_session_command& command) {
  std::string body;
  json::object_writer out{body};
  if (command.title) out.text("title", *command.title);
  if (!command.metadata.empty() || !command.unset.empty()) {
    json::object_writer bag{out.member_name("metadata")};
    put_pairs(bag, command.metadata);
    for (const auto& name : command.unset) bag.raw(name, "null");
    bag.close();
  }
  out.close();
  return body;
}

int tell(const result<json_answer>& answer, const std::string& done) {
  if (!answer) return report(answer.error(), exit_failed);
  fmt::print(stderr, "{}\n", done);
  return exit_ok;
}

/// Whether a person says yes; nobody there is a no.
bool is_confirmed(service_client& client, const std::string& session) {
  const auto found = client.get(session_path(session));
  const auto title = found ? printable(json::text_member(found->root(), "title")) : "";
  const auto events = found ? json::number_member(found->root(), "log", "events") : 0;
  fmt::print(stderr, "Delete session {}{} with {} events? [y/N] ", printable(session),
             title.empty() ? "" : fmt::format(" \"{}\"", title), events);
  std::fflush(stderr);
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace

int run_create_session(const create_session_command& command, const service_target& service) {
  for (const auto& [option, text] : {std::pair{"--agent", std::optional{command.agent}},
                                     {"--environment", command.environment},
                                     {"--title", command.title},
                                     {"--message", command.message}})
    if (auto good = check_text(option, text); !good) return report(good.error(), exit_refused);
  if (auto good = check_pairs(command.metadata); !good) return report(good.error(), exit_refused);
  return at_service(service, [&](service_client& client) {
    const auto made = client.post_once("/v1/sessions", body_of(command));
    if (!made) return report(made.error(), exit_failed);
    if (command.as_json) return print_json(made->text());
    return print_line(printable(json::text_member(made->root(), "id")));
  });
}

int run_update_session(const update_session_command& command, const service_target& service) {
  if (auto good = check_text("--title", command.title); !good) return report(good.error(), exit_refused);
  if (auto good = check_pairs(command.metadata); !good) return report(good.error(), exit_refused);
  for (const auto& name : command.unset)
    if (auto good = check_text("--unset", name); !good) return report(good.error(), exit_refused);
  return at_service(service, [&](service_client& client) {
    return tell(client.post(session_path(command.session), body_of(command)),
                fmt::format("Session {} is changed.", printable(command.session)));
  });
}

int run_archive_session(const archive_session_command& command, const service_target& service) {
  return at_service(service, [&](service_client& client) {
    return tell(client.post(session_path(command.session, "/archive"), ""),
                fmt::format("Session {} is archived.", printable(command.session)));
  });
}

int run_delete_session(const delete_session_command& command, const service_target& service) {
  return at_service(service, [&](service_client& client) {
    if (!command.confirmed) {
      if (!is_terminal(STDIN_FILENO))
        return report({errc::invalid, "nobody can be asked here: say --yes to delete the session"},
                      exit_refused);
      if (!is_confirmed(client, command.session)) {
        fmt::print(stderr, "Nothing is deleted.\n");
        return static_cast<int>(exit_failed);
      }
    }
    return tell(client.erase(session_path(command.session)),
                fmt::format("Session {} is deleted.", printable(command.session)));
  });
}

}  // namespace sandbase
