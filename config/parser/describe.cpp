// SPDX-License-Identifier: Apache-2.0
#include "config/parser/describe.hpp"

#include <CLI/CLI.hpp>

namespace sandbase {
namespace {

described_option describe(const CLI::Option& option) {
  described_option found;
  for (const auto& name : option.get_snames()) found.names.push_back("-" + name);
  for (const auto& name : option.get_lnames()) found.names.push_back("--" + name);
  found.is_positional = !option.nonpositional();
  if (found.is_positional) found.names.push_back(option.get_name(true));
  if (option.get_items_expected_max() > 0) found.value = option.get_type_name();
  found.help = option.get_description();
  found.default_text = option.get_default_str();
  found.is_required = option.get_required();
  return found;
}

}  // namespace

described_command describe(const CLI::App& app, const std::string& path) {
  described_command found{path, app.get_description(), {}, {}};
  for (const auto* option : app.get_options()) found.options.push_back(describe(*option));
  for (const auto* inner : app.get_subcommands([](const CLI::App*) { return true; }))
    found.inner.push_back(
        describe(*inner, path.empty() ? inner->get_name() : path + " " + inner->get_name()));
  return found;
}

}  // namespace sandbase
