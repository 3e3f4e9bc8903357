// SPDX-License-Identifier: Apache-2.0
// What a store in memory keeps, as a database would have it in tables.
#pragma once

#include "events/log/log_block.hpp"
#include "persistence/node_registry.hpp"
#include "persistence/records.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

namespace sandbase::memory {

/// An event_store while it is open: a node. 0: none.
using writer_id = std::uint64_t;
inline node_id node_of(writer_id writer) { return static_cast<node_id>(writer); }

/// What is known of a node.
struct node_row {
  std::string name;
  std::string address;
  timestamp seen_at{};
  node_report report{};
};

/// The fence, and the end of a log as committed.
struct tip_row {
  epoch_t epoch = 0;
  /// Who claimed it last and has not let go of it.
  writer_id writer = 0;
  log_tip end;
};

/// An unsealed event.
struct journal_row {
  journal_event event;
  /// Its row in `arrivals`.
  std::int64_t arrival = 0;
};
struct arrival_row {
  session_key session = 0;
  seq_t seq = 0;
  /// Bytes of JSON that ever came before it.
  std::int64_t place = 0;
};

/// A session that is being written and that nothing shows.
struct staged_row {
  /// Whose import it is: with that node it goes.
  writer_id writer = 0;
  seq_t last_seq = 0;
  digest head{};
};

struct request_row {
  idempotency_record record;
  /// The session it created; 0: it was an append.
  session_key created = 0;
  std::string created_id;
};

struct key_row {
  api_key key;
  digest hash{};
};

/// Numbers given so far, and sums.
struct counters {
  // No failover sets these back: they stand for numbers that are random in part.
  session_key last_session = 0;
  workspace_key last_workspace = 0;
  api_key_id last_key = 0;
  /// Sessions ever made.
  std::int64_t births = 0;
  // These it does.
  std::int64_t last_arrival = 0;
  /// JSON that ever came into the journal, and what of it is still there.
  std::int64_t bytes_ever = 0;
  std::int64_t unsealed_bytes = 0;
};

using log_place = std::pair<session_key, seq_t>;

/// Plain values; in order, so that every walk is the same in every run.
struct tables {
  std::map<session_key, std::shared_ptr<const session_row>> sessions;
  /// (workspace, id)
  std::map<std::pair<workspace_key, std::string>, session_key> session_ids;
  std::map<session_key, tip_row> tips;
  std::map<log_place, journal_row> journal;
  /// The journal in order of arrival.
  std::map<std::int64_t, arrival_row> arrivals;
  /// By first event.
  std::map<log_place, log_block_ptr> segments;
  std::map<std::pair<session_key, std::string>, seq_t> foreign_ids;
  /// (workspace, session, key); session 0: creations
  std::map<std::tuple<workspace_key, session_key, std::string>, request_row> requests;
  /// Deleted sessions of which something is left.
  std::map<session_key, workspace_key> tombstones;
  std::map<session_key, staged_row> staged;
  /// (workspace, id) of what was deleted lately.
  std::map<std::pair<workspace_key, std::string>, deletion_record> deletions;
  std::map<workspace_key, std::string> workspaces;
  std::map<api_key_id, key_row> keys;
  std::map<std::string, std::string> secrets;
  counters count;
};

}  // namespace sandbase::memory
