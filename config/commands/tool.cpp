// SPDX-License-Identifier: Apache-2.0
#include "config/commands/tool.hpp"

#include <algorithm>
#include <cstdio>

namespace sandbase {

int report(const failure& error, exit_code code) {
  if (!error.message.empty()) std::fprintf(stderr, "sandbase-events: %s\n", error.message.c_str());
  return code;
}

result<open_store> open_for_command(const server_options& options, store_use use,
                                    std::string_view lock_purpose) {
  if (use != store_use::read)
    if (auto done = migrate_store(options.store, use == store_use::make); !done)
      return std::move(done).error();
  open_store store;
  auto backend = open_backend(options.store, false);
  if (!backend) return std::move(backend).error();
  store.backend = *std::move(backend);
  if (!lock_purpose.empty()) {
    auto lock = store.backend->lock(lock_purpose);
    if (!lock) return std::move(lock).error();
    store.lock = *std::move(lock);
  }
  auto admin = store.backend->open_admin();
  if (!admin) return std::move(admin).error();
  store.admin = *std::move(admin);
  return store;
}

result<void> expect_workspace(store_admin& store, const std::optional<std::string>& name) {
  if (!name) return {};
  const auto workspaces = store.list_workspaces();
  if (!workspaces) return workspaces.error();
  const auto is_meant = [&](const workspace_row& row) { return row.name == *name; };
  if (std::any_of(workspaces->begin(), workspaces->end(), is_meant)) return {};
  return {errc::not_found, "there is no workspace " + *name};
}

}  // namespace sandbase
