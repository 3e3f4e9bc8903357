// SPDX-License-Identifier: Apache-2.0
// Rows of the table `journal`: events in order of arrival, without an index. A row is live only if its
// session exists and its seq is beyond the session's last segment; everything here applies that.
#pragma once

#include "events/log/log_block.hpp"
#include "persistence/records.hpp"
#include "persistence/sqlite/sql/connection.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace sandbase::sqlite {

/// Place of an event in the journal, which is in order of arrival.
using journal_row = std::int64_t;

/// `count` rows from `first` on that belong to one session.
struct row_run {
  journal_row first = 0;
  std::int64_t count = 0;
  /// Of their JSON.
  std::int64_t bytes = 0;
  /// Bytes of JSON in the journal before it, counted from where the first scan began.
  std::int64_t place = 0;
};

/// A request with an Idempotency-Key (journal_requests.hpp).
struct journal_request {
  std::uint64_t key_hash = 0;
  journal_row row = 0;
  /// Of the event in that row.
  seq_t seq = 0;
};

void insert_journal_event(connection& db, journal_row row, session_key session, seq_t seq,
                          const journal_event& event);

/// Of a column `proof`. Throws `corrupt` if it holds something else.
event_proof proof_in(const statement& row, int column);

/// The row behind the last one; 1 for an empty journal.
journal_row next_journal_row(connection& db);

/// A session whose journal rows do not make a log.
struct journal_damage {
  session_key session = 0;
  std::string what;
};

/// What a scan finds of a session with unsealed events.
struct unsealed_log {
  session_row row;
  std::vector<row_run> runs;
  std::vector<journal_request> requests;
  /// As of the last event in the journal.
  session_progress progress;
};

struct journal_scan {
  /// In order of their first live row.
  std::vector<unsealed_log> sessions;
  std::vector<journal_damage> damaged;
  /// JSON of all rows, whether live or not.
  std::int64_t bytes = 0;
};

/// One pass over the journal: every session with live rows, its progress folded up to its last row. Places
/// and chains are verified; a session that fails this stands in `damaged` alone. @pre inside a snapshot, if
/// it is to agree with what else is read
journal_scan scan_journal(connection& db);

/// The rows of a session within `runs` that are live, in order. Throws `corrupt` if they have a gap or their
/// chain is broken, `not_found` if there is no such session.
std::vector<journal_event> read_unsealed(connection& db, session_key session, std::span<const row_run> runs);

/// The live rows of a session behind `after`, until `max_bytes` of frames (at least one), as a block; null if
/// there is none. Walks the whole journal. Throws as read_unsealed().
log_block_ptr read_unsealed_block(connection& db, session_key session, seq_t after, std::size_t max_bytes);

}  // namespace sandbase::sqlite
