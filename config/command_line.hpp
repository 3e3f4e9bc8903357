// SPDX-License-Identifier: Apache-2.0
// The command line: what it asks for, as values. Nothing is done here.
#pragma once

#include "config/option_sources.hpp"
#include "config/options.hpp"
#include "events/base/role.hpp"
#include "persistence/event_reader.hpp"
#include "persistence/event_store.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sandbase {

/// --help or --version: to be printed on stdout.
struct show_text {
  std::string text;
};
struct serve_command {};
struct create_key_command {
  role may = role::client;
  std::string workspace;
  std::string name;
};
struct list_keys_command {
  bool as_json = false;
};
struct revoke_key_command {
  api_key_id id = 0;
};
struct import_command {
  /// `-`: stdin.
  std::string file;
  std::optional<std::string> workspace;
  /// Nothing behind the first bad session is imported.
  bool stop_at_first = false;
};
struct export_command {
  /// Empty: all.
  std::string session;
  std::optional<std::string> workspace;
  /// Empty: stdout.
  std::string output;
};
struct check_command {};
struct migrate_command {};
struct backup_command {
  std::string target;
  /// Verify the copy.
  bool check = true;
};
struct list_workspaces_command {
  bool as_json = false;
};
struct list_sessions_command {
  std::optional<std::string> workspace;
  bool as_json = false;
};

struct cluster_status_command {
  /// Only who writes this session, of any workspace; empty: the nodes.
  std::string session;
  bool as_json = false;
};

struct command_line {
  std::variant<show_text, serve_command, create_key_command, list_keys_command, revoke_key_command,
               import_command, export_command, check_command, migrate_command, backup_command,
               list_workspaces_command, list_sessions_command, cluster_status_command>
      command;
  /// All of them for serve; for the others `store` counts.
  server_options options;
};

/// `arguments` without the program's name. Failures are `invalid`: one line for stderr.
result<command_line> parse_command_line(const std::vector<std::string>& arguments,
                                        environment_fn environment = process_environment);

}  // namespace sandbase
