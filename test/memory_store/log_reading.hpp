// SPDX-License-Identifier: Apache-2.0
// Reading logs and lists out of tables: what readers and operators share. Contracts as in event_reader.
#pragma once

#include "persistence/event_reader.hpp"
#include "test/memory_store/tables.hpp"

namespace sandbase::memory {

result<log_slice> read_segments(const tables& rows, session_key session, seq_t after, seq_t up_to,
                                std::size_t max_bytes);
result<log_slice> read_segments_back(const tables& rows, session_key session, seq_t from, seq_t before,
                                     std::size_t max_bytes);
/// The unsealed events behind `after` as a block of about `max_bytes` of frames; null if there is none.
/// `corrupt` if one is no event.
result<log_block_ptr> unsealed_block(const tables& rows, session_key session, seq_t after,
                                     std::size_t max_bytes);

result<search_result> search_segments(const tables& rows, session_key session, const search_range& range,
                                      const event_selection& what, const std::function<bool()>& enough);
result<std::optional<seq_t>> find_place(const tables& rows, session_key session, std::string_view id);

session_page list_sessions(const tables& rows, const session_query& query,
                           const std::function<bool()>& enough);

}  // namespace sandbase::memory
