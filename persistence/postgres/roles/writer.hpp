// SPDX-License-Identifier: Apache-2.0
// event_store over PostgreSQL.
#pragma once

#include "persistence/event_store.hpp"
#include "persistence/postgres/roles/writer_group.hpp"
#include "persistence/postgres/sql/conninfo.hpp"

#include <memory>

namespace sandbase::postgres {

/// The one of `group` that writes the sessions of this lane (lane_of()). The first keeps the house for all.
result<std::unique_ptr<event_store>> open_writer(const conninfo& where, std::shared_ptr<writer_group> group,
                                                 std::size_t lane);

}  // namespace sandbase::postgres
