// SPDX-License-Identifier: Apache-2.0
// The adapter between SQLite's C interface for file layers (VFS) and the disk.
#pragma once

#include "test/simulation/disk/disk_core.hpp"

#include <sqlite3.h>

namespace sandbase::sim {

/// SQLite's default file layer while it lives.
class disk_layer {
 public:
  explicit disk_layer(disk_core& core);
  disk_layer(const disk_layer&) = delete;
  disk_layer& operator=(const disk_layer&) = delete;
  ~disk_layer();

 private:
  sqlite3_vfs vfs_{};
};

}  // namespace sandbase::sim
