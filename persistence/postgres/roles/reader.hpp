// SPDX-License-Identifier: Apache-2.0
// event_reader over PostgreSQL.
#pragma once

#include "persistence/event_reader.hpp"
#include "persistence/postgres/sql/connection.hpp"

#include <memory>

namespace sandbase::postgres {

result<std::unique_ptr<event_reader>> open_reader(const conninfo& where);

/// event_reader::list_sessions
session_page list_sessions(connection& db, const session_query& query, const std::function<bool()>& enough);

}  // namespace sandbase::postgres
