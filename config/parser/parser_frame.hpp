// SPDX-License-Identifier: Apache-2.0
// What every part of the parser shares: the program's commands as they are added, what their options fill,
// and which of them was given.
#pragma once

#include "config/command_line.hpp"
#include "config/option_table.hpp"

#include <CLI/CLI.hpp>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sandbase {

class parser_frame {
 public:
  explicit parser_frame(CLI::App& app) : app_(app) {}
  parser_frame(const parser_frame&) = delete;
  parser_frame& operator=(const parser_frame&) = delete;

  CLI::App& app() { return app_; }

  /// A value for options to fill; it lives as long as the frame.
  template <class T>
  T& keep() {
    const auto made = std::make_shared<T>();
    kept_.push_back(made);
    return *made;
  }

  /// Commands within a command, one of which has to be named.
  CLI::App* add_group(const char* name, const char* what);
  /// A command that reads the config file.
  CLI::App* add(CLI::App& parent, const char* name, const char* what);
  /// One that works on a store.
  CLI::App* add_tool(CLI::App& parent, const char* name, const char* what);
  /// An option of the table.
  void add_option(CLI::App& sub, const option_spec& spec);

  /// Says what a command asks for, once it was given.
  void choose(any_command command) { chosen_ = std::move(command); }
  any_command& chosen() { return chosen_; }

  const std::string& config_file() const { return config_file_; }
  /// The texts of the options of the table, of those that were given.
  std::map<std::string, std::vector<std::string>> given() const;

 private:
  CLI::App& app_;
  any_command chosen_;
  std::string config_file_;
  std::map<std::string, std::vector<std::string>> texts_;
  std::vector<std::shared_ptr<void>> kept_;
};

/// Adds `--workspace`.
CLI::Option* add_workspace(CLI::App& sub, std::string& workspace, const char* what);
/// Adds `--json`.
void add_json(CLI::App& sub, bool& as_json);
/// Nothing for an empty text.
std::optional<std::string> if_given(const std::string& text);

}  // namespace sandbase
