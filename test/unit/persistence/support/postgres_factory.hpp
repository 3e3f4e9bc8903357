// SPDX-License-Identifier: Apache-2.0
// A store in a PostgreSQL database of its own, on a server that this process has for itself.
#pragma once

#include "test/unit/persistence/support/postgres_server.hpp"
#include "test/unit/persistence/support/store_fixture.hpp"

#include <memory>
#include <string>

namespace sandbase::test {

struct postgres_factory {
  postgres_database database;
  std::unique_ptr<store_backend> opened = must(open_backend(database.url(), true));

  store_backend& backend() { return *opened; }
};

}  // namespace sandbase::test
