// SPDX-License-Identifier: Apache-2.0
#include "config/parser/parser_frame.hpp"

#include "events/base/ascii.hpp"

#include <algorithm>

namespace sandbase {
namespace {

/// A valid workspace name: something that fits into a table and a URL.
std::string check_workspace(const std::string& name) {
  const auto allowed = [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-' || c == '.'; };
  const bool ok = !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), allowed);
  return ok ? "" : "a workspace's name is 1 to 64 letters, digits, '_', '-' or '.'";
}

}  // namespace

CLI::App* parser_frame::add_group(const char* name, const char* what) {
  auto* group = app_.add_subcommand(name, what);
  group->require_subcommand(1);
  return group;
}

CLI::App* parser_frame::add(CLI::App& parent, const char* name, const char* what) {
  auto* sub = parent.add_subcommand(name, what);
  sub->add_option("--config", config_file_, "Config file (TOML)")->type_name("FILE");
  return sub;
}

void parser_frame::add_option(CLI::App& sub, const option_spec& spec) {
  const std::string name{spec.name};
  auto* option = sub.add_option("--" + name, texts_[name], std::string{spec.help});
  option->type_name(std::string{spec.value})->type_size(1)->allow_extra_args(false);
  // Also for options that take one value: the table then says what is wrong with two.
  option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  option->default_str(spec.show({}));
}

CLI::App* parser_frame::add_tool(CLI::App& parent, const char* name, const char* what) {
  auto* sub = add(parent, name, what);
  for (const auto* option : {"store.url", "store.password_file"}) add_option(*sub, *find_option(option));
  return sub;
}

std::map<std::string, std::vector<std::string>> parser_frame::given() const {
  auto given = texts_;
  std::erase_if(given, [](const auto& one) { return one.second.empty(); });
  return given;
}

std::pair<std::string, std::string> split_pair(const std::string& text) {
  const auto at = text.find('=');
  return {text.substr(0, at), text.substr(at + 1)};
}

std::string check_pair(const std::string& text) {
  const auto at = text.find('=');
  return at != std::string::npos && at > 0 ? "" : "must be NAME=VALUE";
}

CLI::Option* add_workspace(CLI::App& sub, std::string& workspace, const char* what) {
  return sub.add_option("--workspace", workspace, what)->type_name("NAME")->check(check_workspace, "");
}

void add_json(CLI::App& sub, bool& as_json) { sub.add_flag("--json", as_json, "One JSON object a line"); }

std::optional<std::string> if_given(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional{text};
}

}  // namespace sandbase
