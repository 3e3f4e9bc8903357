// SPDX-License-Identifier: Apache-2.0
// The reading side of a store (event_reader) on SQLite.
#pragma once

#include "persistence/event_reader.hpp"
#include "persistence/held_blocks.hpp"
#include "persistence/sqlite/roles/ledger.hpp"
#include "persistence/sqlite/sql/connection.hpp"

#include <memory>
#include <string>

namespace sandbase::sqlite {

/// `known`: the ledger of the process' writer; null: ends of logs are found by reading the whole journal.
result<std::unique_ptr<event_reader>> open_reader(const std::string& path,
                                                  std::shared_ptr<const ledger> known = nullptr);

// What readers and operators share; failures are thrown.

/// event_reader::read and read_back
log_slice read_segments(connection& db, session_key session, seq_t after, seq_t up_to, std::size_t max_bytes,
                        held_blocks* held = nullptr);
log_slice read_segments_back(connection& db, session_key session, seq_t from, seq_t before,
                             std::size_t max_bytes, held_blocks* held = nullptr);

/// event_reader::search
search_result search_segments(connection& db, session_key session, const search_range& range,
                              const event_selection& what, const std::function<bool()>& enough);

/// event_reader::list_sessions
session_page list_sessions(connection& db, const session_query& query, const std::function<bool()>& enough);

}  // namespace sandbase::sqlite
