// SPDX-License-Identifier: Apache-2.0
// node_registry over PostgreSQL.
#pragma once

#include "persistence/node_registry.hpp"
#include "persistence/postgres/roles/writer_group.hpp"
#include "persistence/postgres/sql/conninfo.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace sandbase::postgres {

/// Every process that has a row, however long ago it was seen, by id.
std::vector<node_record> all_nodes(connection& db);
/// Who wrote a session last; nothing: there is no such session. 0: nobody has.
std::optional<node_id> writer_of(connection& db, session_key session);

/// Of the process with these writers, on a connection of its own.
result<std::unique_ptr<node_registry>> open_node_registry(const conninfo& where,
                                                          std::shared_ptr<const writer_group> group,
                                                          announcement own);

}  // namespace sandbase::postgres
