// SPDX-License-Identifier: Apache-2.0
// A store in a SQLite file on a simulated disk.
#pragma once

#include "persistence/backend.hpp"
#include "test/simulation/disk/sim_disk.hpp"
#include "test/unit/persistence/support/store_fixture.hpp"
#include "test/unit/support/temp_dir.hpp"

namespace sandbase::test {

struct disk_factory {
  /// Holds the lock file, which is a real one.
  temp_dir folder;
  sim::sim_disk disk{1};
  std::string path = folder.file("store.db");
  std::unique_ptr<store_backend> opened = must(open_backend("sqlite:" + path, true));

  store_backend& backend() { return *opened; }
};

}  // namespace sandbase::test
