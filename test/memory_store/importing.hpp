// SPDX-License-Identifier: Apache-2.0
// An import into a store in memory: nothing of it is there before finish().
#pragma once

#include "persistence/backend.hpp"
#include "test/memory_store/memory_database.hpp"

#include <memory>
#include <string_view>

namespace sandbase::memory {

/// store_admin::begin_import
result<std::unique_ptr<session_import>> begin_import(std::shared_ptr<memory_database> database,
                                                     std::string_view workspace, std::string_view id);

}  // namespace sandbase::memory
