// SPDX-License-Identifier: Apache-2.0
// The operators' commands: everything that the binary does beside `serve`. Each prints its result on stdout,
// what a person should know on stderr, and returns the process's exit code.
#pragma once

#include "config/command_line.hpp"

namespace sandbase {

int run_create_key(const create_key_command& command, const server_options& options);
int run_list_keys(const list_keys_command& command, const server_options& options);
int run_revoke_key(const revoke_key_command& command, const server_options& options);
int run_import(const import_command& command, const server_options& options);
int run_export(const export_command& command, const server_options& options);
int run_check(const server_options& options);
int run_migrate(const server_options& options);
int run_backup(const backup_command& command, const server_options& options);
int run_list_workspaces(const list_workspaces_command& command, const server_options& options);
int run_cluster_status(const cluster_status_command& command, const server_options& options);
int run_list_sessions(const list_sessions_command& command, const server_options& options);

}  // namespace sandbase
