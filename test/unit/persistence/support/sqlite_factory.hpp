// SPDX-License-Identifier: Apache-2.0
// A store in a SQLite file of its own.
#pragma once

#include "persistence/backend.hpp"
#include "test/unit/persistence/support/store_fixture.hpp"
#include "test/unit/support/temp_dir.hpp"

namespace sandbase::test {

struct sqlite_factory {
  temp_dir folder;
  std::string path = folder.file("store.db");
  std::unique_ptr<store_backend> opened = must(open_backend("sqlite:" + path, true));

  store_backend& backend() { return *opened; }
};

}  // namespace sandbase::test
