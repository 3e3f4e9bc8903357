// SPDX-License-Identifier: Apache-2.0
// The reading side of a store in memory.
#pragma once

#include "persistence/end_reader.hpp"
#include "persistence/event_reader.hpp"
#include "test/memory_store/memory_database.hpp"
#include "test/memory_store/node_link.hpp"

#include <memory>

namespace sandbase::memory {

std::unique_ptr<event_reader> open_reader(std::shared_ptr<const memory_database> database,
                                          std::shared_ptr<node_link> link);
std::unique_ptr<end_reader> open_end_reader(std::shared_ptr<const memory_database> database,
                                            std::shared_ptr<node_link> link);

}  // namespace sandbase::memory
