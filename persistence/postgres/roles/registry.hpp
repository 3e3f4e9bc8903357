// SPDX-License-Identifier: Apache-2.0
// node_registry over PostgreSQL.
#pragma once

#include "persistence/node_registry.hpp"
#include "persistence/postgres/roles/writer_group.hpp"
#include "persistence/postgres/sql/conninfo.hpp"

#include <memory>

namespace sandbase::postgres {

/// Of the process with these writers, on a connection of its own.
result<std::unique_ptr<node_registry>> open_node_registry(const conninfo& where,
                                                          std::shared_ptr<const writer_group> group,
                                                          announcement own);

}  // namespace sandbase::postgres
