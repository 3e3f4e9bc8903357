// SPDX-License-Identifier: Apache-2.0
#include "config/commands/commands.hpp"
#include "config/commands/listing.hpp"
#include "config/commands/tool.hpp"

#include <cstdio>

namespace sandbase {
namespace {

std::string time_or_nothing(const std::optional<timestamp>& t) { return t ? format_timestamp(*t) : ""; }

}  // namespace

int run_create_key(const create_key_command& command, const server_options& options) {
  auto store = open_for_command(options, store_use::make);
  if (!store) return report(store.error(), exit_refused);
  const auto made = store->admin->create_key(command.workspace, command.may, command.name, system_now());
  if (!made) return report(made.error(), exit_failed);

  auto out = output::to_stdout();
  auto written = out.write(made->secret + "\n");
  if (written) written = out.finish();
  if (!written) return report(written.error(), exit_failed);
  std::fprintf(stderr, "Key %lld: %s of workspace %s. This is the only time that it is shown.\n",
               static_cast<long long>(made->key.id), std::string{to_string(made->key.may)}.c_str(),
               made->key.workspace_name.c_str());
  return exit_ok;
}

int run_list_keys(const list_keys_command& command, const server_options& options) {
  auto store = open_for_command(options, store_use::read);
  if (!store) return report(store.error(), exit_refused);
  const auto keys = store->admin->list_keys();
  if (!keys) return report(keys.error(), exit_failed);

  listing list{{"id", "workspace", "role", "name", "hint", "created", "revoked"}, command.as_json};
  for (const auto& key : *keys)
    list.add({key.id, key.workspace_name, std::string{to_string(key.may)}, key.name, key.hint,
              format_timestamp(key.created_at), time_or_nothing(key.revoked_at)});
  return list.print();
}

int run_revoke_key(const revoke_key_command& command, const server_options& options) {
  auto store = open_for_command(options, store_use::write);
  if (!store) return report(store.error(), exit_refused);
  const auto key = store->admin->revoke_key(command.id, system_now());
  if (!key) return report(key.error(), exit_failed);
  std::fprintf(stderr, "Key %lld (%s) is revoked since %s.\n", static_cast<long long>(key->id),
               key->name.c_str(), time_or_nothing(key->revoked_at).c_str());
  return exit_ok;
}

}  // namespace sandbase
