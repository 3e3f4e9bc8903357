// SPDX-License-Identifier: Apache-2.0
#include "config/commands/commands.hpp"
#include "config/commands/output.hpp"
#include "config/commands/service_tool.hpp"
#include "config/terminal/printable.hpp"
#include "config/terminal/terminal.hpp"
#include "events/json/json_members.hpp"
#include "events/json/json_writer.hpp"

#include <fmt/core.h>
#include <unistd.h>

namespace sandbase {
namespace {

constexpr std::size_t name_columns = 14;

/// Lines of a name and what it is; empty ones are left out.
class description {
 public:
  void add(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    const auto pad = std::string(name_columns - std::min(name.size(), name_columns), ' ');
    text_ += fmt::format("{}{}{}\n", colours_.paint(colour::bold, name), pad, printable(value));
  }
  const std::string& text() const { return text_; }

 private:
  palette colours_ = palette::of(STDOUT_FILENO);
  std::string text_;
};

std::string agent_of(const json::value& session) {
  const auto version = json::number_member(session, "agent_version");
  auto agent = json::text_member(session, "agent_id");
  if (version > 0) agent += fmt::format(" (version {})", version);
  return agent;
}

std::string tokens_of(const json::value& session) {
  const auto count = [&](std::string_view name) { return json::number_member(session, "usage", name); };
  return fmt::format("{} tokens in, {} out, {} read from cache, {} written to it", count("input_tokens"),
                     count("output_tokens"), count("cache_read_input_tokens"),
                     count("cache_creation_input_tokens"));
}

std::string describe_session(const json::value& session) {
  description about;
  const auto add = [&](std::string_view name, std::string_view member) {
    about.add(name, json::text_member(session, member));
  };
  add("id", "id");
  add("title", "title");
  add("status", "status");
  about.add("agent", agent_of(session));
  add("environment", "environment_id");
  add("created", "created_at");
  add("updated", "updated_at");
  add("archived", "archived_at");
  add("expires", "expires_at");
  about.add("events", fmt::format("{}, the last is {}", json::number_member(session, "log", "events"),
                                  json::text_member(session, "log", "last_event_id")));
  about.add("head", json::text_member(session, "log", "head"));
  about.add("usage", tokens_of(session));
  if (const auto metadata = json::member(session, "metadata", json::kind::object))
    metadata->for_each_member([&](std::string_view, const std::string& key, const json::value& v) {
      about.add("metadata", key + "=" + (v.is(json::kind::string) ? v.as_string() : std::string{v.text()}));
    });
  json::for_each_in(session, "pending", [&](const json::value& use) {
    about.add("waits", fmt::format("{}  {}  {}", json::text_member(use, "id"), json::text_member(use, "type"),
                                   json::text_member(use, "name")));
  });
  return about.text();
}

}  // namespace

int run_show_session(const show_session_command& command, const service_target& service) {
  return at_service(service, [&](service_client& client) {
    const auto found = client.get(session_path(command.session));
    if (!found) return report(found.error(), exit_failed);
    if (command.as_json) return print_json(found->text());
    auto text = describe_session(found->root());
    if (text.ends_with('\n')) text.pop_back();
    return print_line(text);
  });
}

}  // namespace sandbase
