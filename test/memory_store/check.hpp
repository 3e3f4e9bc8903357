// SPDX-License-Identifier: Apache-2.0
// Verifying everything that a store in memory holds: store_admin::check.
#pragma once

#include "persistence/backend.hpp"
#include "test/memory_store/tables.hpp"

namespace sandbase::memory {

store_admin::check_report check_store(const tables& rows,
                                      const std::function<void(const std::string&)>& problem);

}  // namespace sandbase::memory
