// SPDX-License-Identifier: Apache-2.0
// end_reader over PostgreSQL.
#pragma once

#include "persistence/end_reader.hpp"
#include "persistence/postgres/sql/conninfo.hpp"

#include <memory>

namespace sandbase::postgres {

result<std::unique_ptr<end_reader>> open_end_reader(const conninfo& where);

}  // namespace sandbase::postgres
