// SPDX-License-Identifier: Apache-2.0
// What a reader is sent, and what it answers.
#pragma once

#include "actors/actors.hpp"
#include "actors/messages/slices.hpp"
#include "events/session/session_summary.hpp"
#include "persistence/event_reader.hpp"
#include "persistence/log_recovery.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sandbase {

struct find_session {
  workspace_key workspace = 0;
  std::string id;
};
struct find_log {
  session_key session = 0;
};
/// A session as the store has it, with everything that was durable when it was asked for.
struct opened_log {
  session_key key = 0;
  workspace_key workspace = 0;
  /// As of a log_end.
  epoch_t epoch = 0;
  seq_t sealed_seq = 0;
  recovered_log log;
  /// As of a log_end.
  node_id writer = 0;
};
struct found_session {
  /// Null: there is none.
  std::shared_ptr<const opened_log> log;
};
/// Answered with pull_answer{slice, pull.after, end}: whole or cut segments in (after, up_to].
struct read_request {
  session_key session = 0;
  pull_request pull;
  /// Given back.
  seq_t end = 0;
};
/// Of sealed events.
struct search_segments {
  session_key session = 0;
  search_request search;
};
struct find_event {
  session_key session = 0;
  std::vector<std::string> ids;
};
struct found_event {
  /// In the order of the ids; 0: not sealed, or never seen.
  std::vector<seq_t> seqs;
};
struct find_deletion {
  workspace_key workspace = 0;
  std::string id;
};
struct found_deletion {
  bool found = false;
  deletion_record record;
};
struct find_idempotency {
  workspace_key workspace = 0;
  session_key session = 0;
  std::string key;
};
struct found_idempotency {
  bool found = false;
  idempotency_record record;
};
struct find_key {
  digest hash{};
  /// Not 0: by this instead.
  api_key_id id = 0;
};
struct found_key {
  /// Null: there is none; may be revoked.
  std::shared_ptr<const api_key> key;
};
/// What a list has of each session.
enum class listed_as : std::uint8_t {
  /// The API's session object.
  session,
  /// render_summary(), and what it is made of.
  summary,
};
struct listed_summary {
  session_key session = 0;
  session_summary summary;
};
struct list_sessions {
  session_query query;
  /// For the durations of sessions that run.
  timestamp now{};
  secrets shows = secrets::hidden;
  listed_as as = listed_as::session;
  /// Of the page's JSON; one session always fits.
  std::size_t max_bytes = std::size_t{4} * 1024 * 1024;
};
/// With what the ledger knows beyond the rows. Empty only if nothing comes.
struct session_list {
  /// JSON, in the order walked.
  std::vector<std::shared_ptr<const std::string>> items;
  /// Of summaries: one for each item.
  std::vector<listed_summary> summaries;
  /// Of the first one; meaningless without items.
  session_place first;
  /// Where to go on.
  session_place last;
  bool more = false;
};

struct read_list {};
struct reader_tick {};

}  // namespace sandbase
