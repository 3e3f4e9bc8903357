// SPDX-License-Identifier: Apache-2.0
// The binary: reads what it is asked for and hands it to whoever does it.
#include "config/command_line.hpp"
#include "config/commands/commands.hpp"
#include "config/commands/tool.hpp"
#include "config/serve.hpp"

#include <csignal>
#include <cstdio>

namespace {

using namespace sandbase;

/// One call for each kind of command.
struct dispatch {
  const server_options& options;
  const service_target& service;

  int operator()(const show_text& c) const {
    return std::fputs(c.text.c_str(), stdout) < 0 ? exit_failed : exit_ok;
  }
  int operator()(const serve_command&) const { return run_server(options); }
  int operator()(const create_key_command& c) const { return run_create_key(c, options); }
  int operator()(const list_keys_command& c) const { return run_list_keys(c, options); }
  int operator()(const revoke_key_command& c) const { return run_revoke_key(c, options); }
  int operator()(const import_command& c) const { return run_import(c, options); }
  int operator()(const export_command& c) const { return run_export(c, options); }
  int operator()(const check_command&) const { return run_check(options); }
  int operator()(const migrate_command&) const { return run_migrate(options); }
  int operator()(const backup_command& c) const { return run_backup(c, options); }
  int operator()(const list_workspaces_command& c) const { return run_list_workspaces(c, options); }
  int operator()(const cluster_status_command& c) const { return run_cluster_status(c, options); }
  int operator()(const list_sessions_command& c) const { return run_list_sessions(c, options); }

  int operator()(const find_sessions_command& c) const { return run_find_sessions(c, service); }
  int operator()(const show_session_command& c) const { return run_show_session(c, service); }
  int operator()(const create_session_command& c) const { return run_create_session(c, service); }
  int operator()(const update_session_command& c) const { return run_update_session(c, service); }
  int operator()(const archive_session_command& c) const { return run_archive_session(c, service); }
  int operator()(const delete_session_command& c) const { return run_delete_session(c, service); }
  int operator()(const send_command& c) const { return run_send(c, service); }
  int operator()(const tail_command& c) const { return run_tail(c, service); }
  int operator()(const interrupt_command& c) const { return run_interrupt(c, service); }
  int operator()(const confirm_command& c) const { return run_confirm(c, service); }
  int operator()(const send_import_command& c) const { return run_send_import(c, service); }
  int operator()(const fetch_export_command& c) const { return run_fetch_export(c, service); }
  int operator()(const top_command& c) const { return run_top(c, service); }
  int operator()(const bench_command& c) const { return run_bench(c, service); }
};

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // whoever writes sees the error instead
  const auto asked = parse_command_line({argv + 1, argv + argc});
  if (!asked) return report(asked.error(), exit_refused);
  return std::visit(dispatch{asked->options, asked->service}, asked->command);
}
