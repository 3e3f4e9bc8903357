// SPDX-License-Identifier: Apache-2.0
// store_admin over PostgreSQL.
#pragma once

#include "persistence/backend.hpp"
#include "persistence/postgres/sql/conninfo.hpp"

#include <memory>

namespace sandbase::postgres {

result<std::unique_ptr<store_admin>> open_admin(const conninfo& where);

}  // namespace sandbase::postgres
