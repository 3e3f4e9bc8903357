// SPDX-License-Identifier: Apache-2.0
// Verifying a whole store.
#pragma once

#include "persistence/backend.hpp"
#include "persistence/sqlite/sql/connection.hpp"

#include <functional>
#include <string>

namespace sandbase::sqlite {

/// store_admin::check; failures are thrown. Works on one snapshot: the
/// write-ahead log cannot start over until it is done.
store_admin::check_report check_store(connection& db, const std::function<void(const std::string&)>& problem);

}  // namespace sandbase::sqlite
