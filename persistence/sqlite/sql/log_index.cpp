// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/sql/log_index.hpp"

namespace sandbase::sqlite {

void grow_log_index(connection& db) {
  constexpr int region_bytes = 32 * 1024;  // of 4,096 frames
  constexpr int regions = 8;
  sqlite3_file* file = nullptr;
  sqlite3_file_control(db.handle(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (file == nullptr || file->pMethods == nullptr || file->pMethods->iVersion < 2) return;
  void volatile* mapped = nullptr;
  static_cast<void>(file->pMethods->xShmMap(file, regions - 1, region_bytes, 1, &mapped));
}

}  // namespace sandbase::sqlite
