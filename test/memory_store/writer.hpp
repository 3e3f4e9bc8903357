// SPDX-License-Identifier: Apache-2.0
// The writing side of a store in memory: one node's.
#pragma once

#include "persistence/event_store.hpp"
#include "test/memory_store/memory_database.hpp"
#include "test/memory_store/node_link.hpp"

#include <memory>

namespace sandbase::memory {

/// `me` has joined the database. Its end is the end of a process: nothing is released, and what is under way
/// stays so.
std::unique_ptr<event_store> open_writer(std::shared_ptr<memory_database> database,
                                         std::shared_ptr<node_link> link, const sender& me);

}  // namespace sandbase::memory
