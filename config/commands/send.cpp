// SPDX-License-Identifier: Apache-2.0
#include "config/client/event_follower.hpp"
#include "config/commands/commands.hpp"
#include "config/commands/event_display.hpp"
#include "config/commands/input.hpp"
#include "config/commands/service_tool.hpp"
#include "config/terminal/printable.hpp"
#include "events/base/utf8.hpp"
#include "events/json/json_document.hpp"
#include "events/json/json_members.hpp"

#include <fmt/core.h>

namespace sandbase {
namespace {

result<std::string> read_all(const std::string& path) {
  auto from = input::open(path);
  if (!from) return std::move(from).error();
  std::string all;
  for (;;) {
    const auto bytes = from->read();
    if (!bytes) return bytes.error();
    if (bytes->empty()) return all;
    all += *bytes;
  }
}

/// What Send Events is to get.
result<std::string> make_body(const send_command& command) {
  auto text = command.text == "-"             ? read_all("-")
              : command.text.starts_with('@') ? read_all(command.text.substr(1))
                                              : result<std::string>{command.text};
  if (!text) return text;
  if (command.as_body) return text;
  if (!is_utf8(*text)) return {errc::invalid, "the text is not UTF-8"};
  // The last line feed of a file is no part of what it says.
  if (command.text != *text && text->ends_with('\n')) text->pop_back();
  if (text->empty()) return {errc::invalid, "the text is empty"};
  return body_of_events({user_message(*text)});
}

/// Shows a turn until it is over.
class turn_watch {
 public:
  turn_watch(service_client& client, std::string session) : client_(client), session_(std::move(session)) {}

  /// `after`: an event's id. @returns the process's exit code
  int run(const std::string& after) {
    tail_plan plan;
    plan.session = session_;
    plan.for_ever = true;
    plan.parameters.emplace_back("until", "idle");
    if (display_.shows_previews()) plan.parameters.emplace_back("event_deltas[]", "agent.message");
    plan.where_to_begin.emplace_back("after", after);
    follow_handlers handlers;
    handlers.event = [this](const json::value& event) { return take(event); };
    handlers.preview = [this](const json::value& preview) { return display_.preview(preview); };
    const auto ended = follow_events(client_, plan, handlers);
    if (!ended) return report(ended.error(), exit_failed);
    if (is_idle_) return exit_ok;
    return report({errc::conflict, "the session has ended before the turn was over"}, exit_failed);
  }

 private:
  result<void> take(const json::value& event) {
    const auto type = json::text_member(event, "type");
    const auto reason = json::text_member(event, "stop_reason", "type");
    if (auto shown = display_.event(event); !shown) return shown;
    if (type == "session.status_idle" && reason == "requires_action")
      fmt::print(
          stderr,
          "sandbase-events: the session waits for an answer: `sandbase-events sessions show {0}` tells to "
          "what, `sandbase-events approve {0}` gives leave\n",
          printable(session_));
    else if (type == "session.status_idle")
      is_idle_ = true;
    else if (type == "session.error")
      fmt::print(stderr, "sandbase-events: the session has an error: {}\n",
                 printable(json::text_member(event, "error", "message")));
    return {};
  }

  service_client& client_;
  std::string session_;
  event_display display_{event_display::style::answers};
  bool is_idle_ = false;
};

int print_ids(const json_answer& stored) {
  std::string ids;
  json::for_each_in(stored.root(), "data", [&](const json::value& event) {
    if (!ids.empty()) ids += '\n';
    ids += printable(json::text_member(event, "id"));
  });
  return ids.empty() ? static_cast<int>(exit_ok) : print_line(ids);
}

std::string last_id(const json_answer& stored) {
  std::string id;
  json::for_each_in(stored.root(), "data",
                    [&](const json::value& event) { id = json::text_member(event, "id"); });
  return id;
}

}  // namespace

int run_send(const send_command& command, const service_target& service) {
  auto body = make_body(command);
  if (!body) return report(body.error(), exit_refused);
  return at_service(service, [&](service_client& client) {
    const auto stored = send_events(client, command.session, *std::move(body));
    if (!stored) return report(stored.error(), exit_failed);
    if (!command.wait) return print_ids(*stored);
    return turn_watch{client, command.session}.run(last_id(*stored));
  });
}

}  // namespace sandbase
