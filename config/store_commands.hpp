// SPDX-License-Identifier: Apache-2.0
// What the commands that work on a store ask for, as values.
#pragma once

#include "events/base/role.hpp"
#include "persistence/event_store.hpp"

#include <optional>
#include <string>

namespace sandbase {

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

}  // namespace sandbase
