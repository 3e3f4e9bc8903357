// SPDX-License-Identifier: Apache-2.0
// The writing side of a store (event_store) on SQLite.
#pragma once

#include "persistence/backend.hpp"
#include "persistence/sqlite/roles/ledger.hpp"

#include <memory>
#include <string>

namespace sandbase::sqlite {

struct writer_options {
  /// The database may not grow beyond so many pages: what would is answered as a full disk is. 0: no bound.
  std::int64_t max_pages = 0;
  /// So many pages in the write-ahead log are many: a commit then helps to begin it anew.
  int large_log_pages = 8192;
  /// Of JSON in the journal, from the oldest event on that is not sealed: beyond it appends are refused.
  std::int64_t max_journal_bytes = default_max_unsealed_bytes;
};

/// Migrates the database if need be and scans its journal. `known`: where readers find the ends of logs;
/// null: of its own. @pre the exclusive lock is held
result<std::unique_ptr<event_store>> open_writer(const std::string& path, const writer_options& options = {},
                                                 std::shared_ptr<ledger> known = nullptr);

}  // namespace sandbase::sqlite
