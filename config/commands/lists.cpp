// SPDX-License-Identifier: Apache-2.0
#include "config/commands/commands.hpp"
#include "config/commands/listing.hpp"
#include "config/commands/tool.hpp"

namespace sandbase {

int run_list_workspaces(const list_workspaces_command& command, const server_options& options) {
  auto store = open_for_command(options, store_use::read);
  if (!store) return report(store.error(), exit_refused);
  const auto workspaces = store->admin->list_workspaces();
  if (!workspaces) return report(workspaces.error(), exit_failed);

  listing list{{"workspace", "sessions"}, command.as_json};
  for (const auto& row : *workspaces) list.add({row.name, row.sessions});
  return list.print();
}

int run_list_sessions(const list_sessions_command& command, const server_options& options) {
  auto store = open_for_command(options, store_use::read);
  if (!store) return report(store.error(), exit_refused);

  if (auto known = expect_workspace(*store->admin, command.workspace); !known)
    return report(known.error(), exit_failed);
  listing list{{"id", "workspace", "status", "events", "created", "updated", "title"}, command.as_json};
  const auto listed =
      store->admin->each_session(command.workspace, [&](const session_row& row, std::string_view workspace) {
        const auto& [definition, progress] = row.header;
        list.add({definition->id, std::string{workspace}, std::string{to_string(progress.status)},
                  static_cast<std::int64_t>(progress.tip.last_seq), format_timestamp(definition->created_at),
                  format_timestamp(progress.tip.updated_at), definition->title.value_or("")});
        return true;
      });
  if (!listed) return report(listed.error(), exit_failed);
  return list.print();
}

}  // namespace sandbase
