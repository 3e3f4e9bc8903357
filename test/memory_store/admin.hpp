// SPDX-License-Identifier: Apache-2.0
// The operators' side of a store in memory.
#pragma once

#include "persistence/backend.hpp"
#include "test/memory_store/memory_database.hpp"
#include "test/memory_store/node_link.hpp"

#include <memory>

namespace sandbase::memory {

std::unique_ptr<store_admin> open_admin(std::shared_ptr<memory_database> database,
                                        std::shared_ptr<node_link> link);

}  // namespace sandbase::memory
