// SPDX-License-Identifier: Apache-2.0
// A store in memory of which one node is open; others may share its database.
#pragma once

#include "test/memory_store/memory_backend.hpp"

#include <memory>

namespace sandbase::test {

struct memory_factory {
  std::shared_ptr<memory::memory_database> database = std::make_shared<memory::memory_database>();
  memory::memory_backend opened{database};

  store_backend& backend() { return opened; }
};

}  // namespace sandbase::test
