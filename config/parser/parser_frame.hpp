// SPDX-License-Identifier: Apache-2.0
// What every part of the parser shares: the program's commands as they are added, what their options fill,
// which of them was given, and where it is to be carried out.
#pragma once

#include "config/command_line.hpp"
#include "config/option_table.hpp"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sandbase {

/// What a command does that works on a store or at a running service.
struct either_command {
  any_command in_store;
  any_command at_service;
  /// Options that only one of the two has.
  std::vector<const CLI::Option*> only_in_store;
  std::vector<const CLI::Option*> only_at_service;
};

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
  /// Options that name a service, with a key for it.
  void add_service(CLI::App& sub);
  /// A command that talks to a service.
  CLI::App* add_client(CLI::App& parent, const char* name, const char* what);
  /// An option of the table.
  void add_option(CLI::App& sub, const option_spec& spec);

  /// Says what a command asks for, once it was given.
  void choose(any_command command) { chosen_.in_store = std::move(command); }
  void choose_at_service(any_command command);
  void choose_either(either_command command);

  /// What was chosen. `line.options` is left as it is. Failures are `invalid`: a service and a store are
  /// named, or no service where one is needed, or an option that has no meaning there.
  result<void> decide(const environment_fn& environment, command_line& line);

  const std::string& config_file() const { return config_file_; }
  /// The texts of the options of the table, of those that were given.
  std::map<std::string, std::vector<std::string>> given() const;

 private:
  enum class place : std::uint8_t { store, service, either };

  /// The first option that says so; empty: none was given.
  std::string names_store() const;
  std::string names_service() const;

  CLI::App& app_;
  place where_ = place::store;
  either_command chosen_;
  std::string config_file_;
  service_given service_;
  std::map<std::string, std::vector<std::string>> texts_;
  std::vector<std::shared_ptr<void>> kept_;
};

/// `NAME=VALUE` into a pair, split at the first `=`. @pre check_pair() took it
std::pair<std::string, std::string> split_pair(const std::string& text);
/// Empty if it is a pair, else what is wrong.
std::string check_pair(const std::string& text);

/// Adds `--workspace`.
CLI::Option* add_workspace(CLI::App& sub, std::string& workspace, const char* what);
/// Adds `--json`.
void add_json(CLI::App& sub, bool& as_json);
/// Nothing for an empty text.
std::optional<std::string> if_given(const std::string& text);

}  // namespace sandbase
