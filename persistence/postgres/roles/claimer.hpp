// SPDX-License-Identifier: Apache-2.0
// session_claimer over PostgreSQL.
#pragma once

#include "persistence/postgres/roles/writer_group.hpp"
#include "persistence/postgres/sql/conninfo.hpp"
#include "persistence/session_claimer.hpp"

#include <memory>

namespace sandbase::postgres {

/// For the writers of `group`, on a connection of its own.
std::unique_ptr<session_claimer> open_claimer(const conninfo& where, std::shared_ptr<writer_group> group);

}  // namespace sandbase::postgres
