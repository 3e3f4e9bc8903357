// SPDX-License-Identifier: Apache-2.0
#include "config/parser/parser_frame.hpp"
#include "config/parser/topics.hpp"
#include "events/base/ascii.hpp"

#include <algorithm>

namespace sandbase {
namespace {

std::string check_role(const std::string& text) {
  return role_from(text) ? "" : "must be client, runtime or viewer";
}

std::string check_key_id(const std::string& text) {
  const bool digits = !text.empty() && text.size() <= 18 && std::all_of(text.begin(), text.end(), is_digit);
  return digits ? "" : "must be a number, as keys list shows it";
}

void add_create(parser_frame& frame, CLI::App& keys) {
  auto& command = frame.keep<create_key_command>();
  auto& role_name = frame.keep<std::string>();
  auto* sub = frame.add_tool(keys, "create", "Make a key and print it, this once");
  sub->add_option("--role", role_name, "What the key may do: client, runtime or viewer")
      ->required()
      ->type_name("ROLE")
      ->check(check_role, "");
  add_workspace(*sub, command.workspace, "Its workspace, made if it is new")->required();
  sub->add_option("--name", command.name, "What it is for")->required()->type_name("NAME");
  sub->callback([&] {
    command.may = *role_from(role_name);
    frame.choose(command);
  });
}

}  // namespace

void add_keys(parser_frame& frame) {
  auto* keys = frame.add_group("keys", "API keys");
  add_create(frame, *keys);

  auto& listed = frame.keep<list_keys_command>();
  auto* list = frame.add_tool(*keys, "list", "Show all keys, without their secrets");
  add_json(*list, listed.as_json);
  list->callback([&] { frame.choose(listed); });

  auto& revoked = frame.keep<revoke_key_command>();
  auto* revoke = frame.add_tool(*keys, "revoke", "Revoke a key");
  revoke->add_option("id", revoked.id, "Its id, as keys list shows it")
      ->required()
      ->type_name("ID")
      ->check(check_key_id, "");
  revoke->callback([&] { frame.choose(revoked); });
}

}  // namespace sandbase
