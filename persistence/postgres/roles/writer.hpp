// SPDX-License-Identifier: Apache-2.0
// event_store over PostgreSQL.
#pragma once

#include "persistence/event_store.hpp"
#include "persistence/postgres/sql/conninfo.hpp"

#include <memory>

namespace sandbase::postgres {

/// `max_unsealed_bytes`: see store_backend::open_writer().
result<std::unique_ptr<event_store>> open_writer(const conninfo& where, std::int64_t max_unsealed_bytes);

}  // namespace sandbase::postgres
