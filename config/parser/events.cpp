// SPDX-License-Identifier: Apache-2.0
#include "config/parser/parser_frame.hpp"
#include "config/parser/topics.hpp"

namespace sandbase {
namespace {

constexpr std::size_t max_tail = 10'000;

void add_session(CLI::App& sub, std::string& to) {
  sub.add_option("session", to, "The session's id")->required()->type_name("SESSION");
}

void add_send(parser_frame& frame) {
  auto& command = frame.keep<send_command>();
  auto* sub = frame.add_client(frame.app(), "send", "Send a message of the user to a session");
  add_session(*sub, command.session);
  sub->add_option("text", command.text, "The text; - is stdin, @FILE is what that file has")
      ->required()
      ->type_name("TEXT|-|@FILE");
  const auto* body = sub->add_flag("--json", command.as_body,
                                   "What comes is a body of Send Events instead: {\"events\":[…]}");
  sub->add_flag("--wait", command.wait, "Wait until the turn is over, and print the answer");
  sub->callback([&, body] {
    if (body->count() > 0 && command.text != "-" && !command.text.starts_with('@'))
      throw CLI::ValidationError{"--json", "takes its body from - or @FILE"};
    frame.choose_at_service(command);
  });
}

void add_tail(parser_frame& frame) {
  auto& command = frame.keep<tail_command>();
  auto* sub = frame.add_client(frame.app(), "tail", "Show the events of a session, each once and in order");
  add_session(*sub, command.session);
  sub->add_flag("-f,--follow", command.follow, "Go on with what happens, until the session ends");
  sub->add_option("-n", command.last, "Only the last N events; else all")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{0}, max_tail).description(""));
  sub->add_option("--types", command.types, "Only events of these types; separated by commas, or repeated")
      ->type_name("TYPE")
      ->type_size(1)
      ->allow_extra_args(false)
      ->delimiter(',');
  sub->add_flag("--json", command.as_json, "The events as they are stored, one a line");
  sub->callback([&] { frame.choose_at_service(command); });
}

void add_interrupt(parser_frame& frame) {
  auto& command = frame.keep<interrupt_command>();
  auto* sub = frame.add_client(frame.app(), "interrupt", "Tell a session's agent to stop");
  add_session(*sub, command.session);
  sub->callback([&] { frame.choose_at_service(command); });
}

CLI::App* add_confirm(parser_frame& frame, confirm_command& command, const char* name, const char* what) {
  auto* sub = frame.add_client(frame.app(), name, what);
  add_session(*sub, command.session);
  sub->add_option("tool_use", command.tool_use, "The tool use's id; else the one that waits")
      ->type_name("TOOL_USE_ID");
  sub->callback([&] { frame.choose_at_service(command); });
  return sub;
}

}  // namespace

void add_events(parser_frame& frame) {
  add_send(frame);
  add_tail(frame);
  add_interrupt(frame);
  add_confirm(frame, frame.keep<confirm_command>(), "approve", "Let a tool use go on that waits for it");
  auto& denied = frame.keep<confirm_command>();
  denied.allow = false;
  add_confirm(frame, denied, "deny", "Refuse a tool use that waits to go on")
      ->add_option("--message", denied.message, "Why, for the agent to read")
      ->type_name("TEXT");
}

}  // namespace sandbase
