// SPDX-License-Identifier: Apache-2.0
// The command line: what it asks for, as values. Nothing is done here.
#pragma once

#include "config/option_sources.hpp"
#include "config/options.hpp"
#include "config/service_commands.hpp"
#include "config/service_target.hpp"
#include "config/store_commands.hpp"

#include <string>
#include <variant>
#include <vector>

namespace sandbase {

/// --help or --version: to be printed on stdout.
struct show_text {
  std::string text;
};

using any_command =
    std::variant<show_text, serve_command, create_key_command, list_keys_command, revoke_key_command,
                 import_command, export_command, check_command, migrate_command, backup_command,
                 list_workspaces_command, list_sessions_command, cluster_status_command,
                 find_sessions_command, show_session_command, create_session_command, update_session_command,
                 archive_session_command, delete_session_command, send_command, tail_command,
                 interrupt_command, confirm_command, send_import_command, fetch_export_command, top_command,
                 bench_command>;

struct command_line {
  any_command command;
  /// All of them for serve; for the others `store` counts.
  server_options options;
  /// Of the commands that talk to a service.
  service_target service;
};

/// `arguments` without the program's name. Failures are `invalid`: one line for stderr.
result<command_line> parse_command_line(const std::vector<std::string>& arguments,
                                        environment_fn environment = process_environment);

}  // namespace sandbase
