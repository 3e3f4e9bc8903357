// SPDX-License-Identifier: Apache-2.0
// node_registry over a store in memory.
#pragma once

#include "persistence/node_registry.hpp"
#include "test/memory_store/memory_database.hpp"
#include "test/memory_store/node_link.hpp"

#include <memory>

namespace sandbase::memory {

std::unique_ptr<node_registry> open_node_registry(std::shared_ptr<memory_database> database,
                                                  std::shared_ptr<node_link> link, writer_id self,
                                                  announcement own);

}  // namespace sandbase::memory
