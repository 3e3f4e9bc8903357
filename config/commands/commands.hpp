// SPDX-License-Identifier: Apache-2.0
// Everything that the binary does beside `serve`: on a store, or at a running service. Each command prints
// its result on stdout, what a person should know on stderr, and returns the process's exit code.
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

int run_find_sessions(const find_sessions_command& command, const service_target& service);
int run_show_session(const show_session_command& command, const service_target& service);
int run_create_session(const create_session_command& command, const service_target& service);
int run_update_session(const update_session_command& command, const service_target& service);
int run_archive_session(const archive_session_command& command, const service_target& service);
int run_delete_session(const delete_session_command& command, const service_target& service);
int run_send(const send_command& command, const service_target& service);
int run_tail(const tail_command& command, const service_target& service);
int run_interrupt(const interrupt_command& command, const service_target& service);
int run_confirm(const confirm_command& command, const service_target& service);
int run_send_import(const send_import_command& command, const service_target& service);
int run_fetch_export(const fetch_export_command& command, const service_target& service);
int run_top(const top_command& command, const service_target& service);
int run_bench(const bench_command& command, const service_target& service);

}  // namespace sandbase
