// SPDX-License-Identifier: Apache-2.0
#include "config/parser/parser_frame.hpp"
#include "config/parser/topics.hpp"

#include <array>

namespace sandbase {
namespace {

constexpr std::size_t max_listed = 1'000'000'000;

/// An option that narrows the list, and the parameter of List Sessions that it becomes.
struct filter {
  const char* option;
  const char* parameter;
  const char* value;
  const char* what;
};
constexpr std::array filters{
    filter{"--status", "statuses", "idle|running|rescheduling|terminated", "Only sessions of this status"},
    filter{"--agent", "agent_id", "ID", "Only sessions of this agent"},
    filter{"--agent-version", "agent_version", "N", "Only sessions of this version of their agent"},
    filter{"--deployment", "deployment_id", "ID", "Only sessions of this deployment"},
    filter{"--memory-store", "memory_store_id", "ID", "Only sessions that have this memory store"},
    filter{"--since", "created_at[gte]", "TIME", "Only sessions made at this time or later (RFC 3339)"},
    filter{"--before", "created_at[lt]", "TIME", "Only sessions made before this time"},
    filter{"--order", "order", "asc|desc", "Oldest or newest first"}};

CLI::Option* add_session(CLI::App& sub, std::string& to) {
  return sub.add_option("session", to, "The session's id")->required()->type_name("SESSION");
}

void add_list(parser_frame& frame, CLI::App& sessions) {
  auto& in_store = frame.keep<list_sessions_command>();
  auto& at_service = frame.keep<find_sessions_command>();
  auto& workspace = frame.keep<std::string>();
  auto& texts = frame.keep<std::array<std::vector<std::string>, filters.size()>>();
  auto& archived = frame.keep<bool>();
  auto* sub = frame.add_tool(sessions, "list",
                             "Show all sessions: of a store, oldest first; of a service, newest first");
  const auto* of = add_workspace(*sub, workspace, "Only sessions of this workspace");
  add_json(*sub, in_store.as_json);
  std::vector<const CLI::Option*> only_at_service;
  for (std::size_t i = 0; i < filters.size(); ++i)
    only_at_service.push_back(sub->add_option(filters[i].option, texts[i], filters[i].what)
                                  ->type_name(filters[i].value)
                                  ->type_size(1)
                                  ->allow_extra_args(false));
  only_at_service.push_back(sub->add_flag("--archived", archived, "Archived sessions too"));
  only_at_service.push_back(sub->add_option("-n", at_service.limit, "At most so many; else all")
                                ->type_name("N")
                                ->check(CLI::Range(std::size_t{0}, max_listed).description("")));
  frame.add_service(*sub);
  sub->callback([&, of, only_at_service] {
    in_store.workspace = if_given(workspace);
    at_service.as_json = in_store.as_json;
    for (std::size_t i = 0; i < filters.size(); ++i)
      for (const auto& text : texts[i]) at_service.filters.emplace_back(filters[i].parameter, text);
    if (archived) at_service.filters.emplace_back("include_archived", "true");
    frame.choose_either({in_store, at_service, {of}, only_at_service});
  });
}

void add_show(parser_frame& frame, CLI::App& sessions) {
  auto& command = frame.keep<show_session_command>();
  auto* sub = frame.add_client(sessions, "show", "Show a session: status, what waits for an answer, usage");
  add_session(*sub, command.session);
  sub->add_flag("--json", command.as_json, "The session object as the API has it");
  sub->callback([&] { frame.choose_at_service(command); });
}

void add_metadata(CLI::App& sub, std::vector<std::string>& pairs, const char* what) {
  sub.add_option("--metadata", pairs, what)
      ->type_name("NAME=VALUE")
      ->type_size(1)
      ->allow_extra_args(false)
      ->check(check_pair, "");
}

void add_create(parser_frame& frame, CLI::App& sessions) {
  auto& command = frame.keep<create_session_command>();
  auto& pairs = frame.keep<std::vector<std::string>>();
  auto* sub = frame.add_client(sessions, "create", "Make a session and print its id");
  sub->add_option("--agent", command.agent, "Its agent's id")->required()->type_name("ID");
  sub->add_option("--environment", command.environment, "Its environment's id")->required()->type_name("ID");
  sub->add_option("--title", command.title, "What people see")->type_name("TEXT");
  add_metadata(*sub, pairs, "A pair of its metadata; may be repeated");
  sub->add_option("--message", command.message, "Begin with this message of the user")->type_name("TEXT");
  sub->add_flag("--json", command.as_json, "Print the session object as the API has it");
  sub->callback([&] {
    for (const auto& pair : pairs) command.metadata.push_back(split_pair(pair));
    frame.choose_at_service(command);
  });
}

void add_update(parser_frame& frame, CLI::App& sessions) {
  auto& command = frame.keep<update_session_command>();
  auto& pairs = frame.keep<std::vector<std::string>>();
  auto* sub = frame.add_client(sessions, "update", "Change a session's title and metadata");
  add_session(*sub, command.session);
  // Into a text: CLI11 takes an empty one for none where there may be none.
  auto& title = frame.keep<std::string>();
  const auto* has_title = sub->add_option("--title", title, "What people see")->type_name("TEXT");
  add_metadata(*sub, pairs, "A pair to set in its metadata; may be repeated");
  sub->add_option("--unset", command.unset, "A name to remove from its metadata; may be repeated")
      ->type_name("NAME")
      ->type_size(1)
      ->allow_extra_args(false);
  sub->callback([&, has_title] {
    if (has_title->count() > 0) command.title = title;
    if (!command.title && pairs.empty() && command.unset.empty())
      throw CLI::ValidationError{"update", "say what to change: --title, --metadata or --unset"};
    for (const auto& pair : pairs) command.metadata.push_back(split_pair(pair));
    frame.choose_at_service(command);
  });
}

void add_ends(parser_frame& frame, CLI::App& sessions) {
  auto& archived = frame.keep<archive_session_command>();
  auto* archive = frame.add_client(sessions, "archive", "Make a session read-only for good");
  add_session(*archive, archived.session);
  archive->callback([&] { frame.choose_at_service(archived); });

  auto& deleted = frame.keep<delete_session_command>();
  auto* remove = frame.add_client(sessions, "delete", "Delete a session with its log; asks on a terminal");
  add_session(*remove, deleted.session);
  remove->add_flag("--yes", deleted.confirmed, "Do not ask");
  remove->callback([&] { frame.choose_at_service(deleted); });
}

}  // namespace

void add_sessions(parser_frame& frame) {
  auto* sessions = frame.add_group("sessions", "Sessions");
  add_list(frame, *sessions);
  add_show(frame, *sessions);
  add_create(frame, *sessions);
  add_update(frame, *sessions);
  add_ends(frame, *sessions);
}

}  // namespace sandbase
