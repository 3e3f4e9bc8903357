// SPDX-License-Identifier: Apache-2.0
// Rows of the tables `workspaces`, `api_keys` and `secrets`.
#pragma once

#include "persistence/backend.hpp"
#include "persistence/postgres/sql/connection.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sandbase::postgres {

/// Throws `not_found` if there is no such workspace.
workspace_key find_workspace(connection& db, std::string_view name);
/// The workspace's key, made if it is new. Throws `invalid` if no workspace may be called so.
workspace_key make_workspace(connection& db, std::string_view name);

std::optional<api_key> find_api_key(connection& db, const digest& hash);
std::optional<api_key> find_api_key(connection& db, api_key_id id);

/// The secret of that name, made if it is new.
std::string find_or_make_secret(connection& db, std::string_view name);

// store_admin's calls of the same names; failures are thrown.
new_api_key create_key(connection& db, std::string_view workspace, role may, std::string_view name,
                       timestamp now);
std::vector<api_key> list_keys(connection& db);
api_key revoke_key(connection& db, api_key_id id, timestamp now);
std::vector<workspace_row> list_workspaces(connection& db);

}  // namespace sandbase::postgres
