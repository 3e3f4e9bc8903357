// SPDX-License-Identifier: Apache-2.0
// What a store keeps, as values.
#pragma once

#include "events/base/role.hpp"
#include "events/base/shared_text.hpp"
#include "events/log/event_proof.hpp"
#include "events/session/session.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sandbase {

/// Internal number of a session or workspace. Never used again, neither after a deletion nor where a failover
/// has lost what had it.
using session_key = std::int64_t;
using workspace_key = std::int64_t;
using api_key_id = std::int64_t;
/// Who writes a session: counts up with every claim. 0: nobody.
using epoch_t = std::uint64_t;
/// A process that writes to a store which several may write. 0: none.
using node_id = std::int64_t;

/// A session as its row in the store says. `header.progress` is as of the last time the row was written:
/// events beyond `header.progress.tip.last_seq` may be unsealed.
struct session_row {
  session_key key = 0;
  workspace_key workspace = 0;
  session_header header;
  /// Last event that stands in a segment.
  seq_t sealed_seq = 0;
};

/// An event as the journal keeps it.
struct journal_event {
  shared_text json;
  /// Chain after it.
  digest head{};
  /// The API key that sent it; 0: none.
  api_key_id author = 0;
  /// Its salt or, once it was erased, its leaf.
  event_proof proof{};
};

/// Tells one state of a log from another where several processes write it: each claim counts the epoch up,
/// each append moves the end, and what only a claim could have changed in between has ended the epoch too.
struct log_mark {
  epoch_t epoch = 0;
  seq_t last_seq = 0;
  digest head{};
  /// Last event that stands in a segment: none comes out of one again.
  seq_t sealed_seq = 0;

  bool operator==(const log_mark&) const = default;
};

/// Where a log ends, and who writes it.
struct written_end {
  log_mark mark;
  /// Claimed it last and has not let go of it, whether it is still there or not. 0: nobody.
  node_id writer = 0;

  bool operator==(const written_end&) const = default;
};

/// A session with the end of its log, all as of one moment.
struct log_end {
  session_row row;
  /// 0 from a store that only one process writes.
  epoch_t epoch = 0;
  /// Behind row.sealed_seq, in order.
  std::vector<journal_event> unsealed;
  /// As of a written_end; 0 from a store that only one process writes.
  node_id writer = 0;
};

/// An answer to be given again to the same Idempotency-Key.
struct idempotency_record {
  std::string key;
  /// SHA-256 of the request's body; zeros once an event of it was erased, as a short text could be guessed.
  digest body{};
  /// Of the events that answer it; 0: it stored none, or made a session.
  seq_t first_seq = 0;
  seq_t last_seq = 0;
  timestamp created_at{};

  bool has_body() const { return body != digest{}; }
};
inline constexpr std::chrono::hours idempotency_ttl{24};

/// What is remembered of a deletion.
struct deletion_record {
  api_key_id author = 0;
  timestamp at{};
};
inline constexpr std::chrono::minutes deletion_ttl{2};

struct api_key {
  api_key_id id = 0;
  workspace_key workspace = 0;
  std::string workspace_name;
  role may = role::viewer;
  std::string name;
  /// Last characters, to tell keys apart.
  std::string hint;
  timestamp created_at{};
  std::optional<timestamp> revoked_at;
};

}  // namespace sandbase
