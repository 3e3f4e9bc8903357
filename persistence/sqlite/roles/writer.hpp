// SPDX-License-Identifier: Apache-2.0
// The writing side of a store (event_store) on SQLite.
#pragma once

#include "persistence/event_store.hpp"

#include <memory>
#include <string>

namespace sandbase::sqlite {

struct writer_options {
  /// The database may not grow beyond so many pages: what would is answered as a full disk is. 0: no bound.
  std::int64_t max_pages = 0;
  /// So many pages in the write-ahead log are many: a commit then helps to begin it anew.
  int large_log_pages = 8192;
};

/// Migrates the database if need be. @pre the exclusive lock is held
result<std::unique_ptr<event_store>> open_writer(const std::string& path, const writer_options& options = {});

}  // namespace sandbase::sqlite
