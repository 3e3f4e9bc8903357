// SPDX-License-Identifier: Apache-2.0
// The store: where logs and sessions are kept. Blocking calls, errors as values, no actors.
// One contract (test/unit/persistence/store_contract.hpp) holds for every implementation.
#pragma once

#include "events/base/result.hpp"
#include "events/base/role.hpp"
#include "events/base/shared_text.hpp"
#include "events/log/event_selection.hpp"
#include "events/log/log_block.hpp"
#include "events/log/log_slice.hpp"
#include "events/session/session.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sandbase {

/// Internal number of a session or workspace. Never used again after a deletion.
using session_key = std::int64_t;
using workspace_key = std::int64_t;
using api_key_id = std::int64_t;
/// Place of an event in the arrival-ordered journal.
using journal_row = std::int64_t;

/// A session as its row in the store says. `header.progress` is as of the last time the row was written:
/// events beyond `header.progress.tip.last_seq` may stand in the journal.
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
};

/// An answer to be given again to the same Idempotency-Key.
struct idempotency_record {
  std::string key;
  /// SHA-256 of the request's body.
  digest body{};
  /// Of the events it stored; 0 for a created session.
  seq_t first_seq = 0;
  seq_t last_seq = 0;
  timestamp created_at{};
};
inline constexpr std::chrono::hours idempotency_ttl{24};

// --- operations of one commit -------------------------------------------------

/// Appends events behind `first_seq - 1`. The caller (the journal's ledger) vouches for the order.
struct append_op {
  session_key session = 0;
  workspace_key workspace = 0;
  seq_t first_seq = 0;
  std::vector<journal_event> events;
  /// Ids that do not tell their place, for the side table: (id, seq).
  std::vector<std::pair<std::string, seq_t>> foreign_ids;
  /// Set if the header row must be written with it (status change, update, archive).
  std::shared_ptr<const session_header> header;
  std::optional<idempotency_record> idempotency;
};

/// Moves events from the journal into a segment. `header` is the session's as of `block->last_seq()` or later
/// but no later than what is durable or in this same commit before it.
struct seal_op {
  session_key session = 0;
  /// Consecutive, starting at sealed_seq + 1.
  std::vector<log_block_ptr> blocks;
  std::shared_ptr<const session_header> header;
};

/// Makes a session. With an idempotency key that is known the answer is the session made then, or a conflict.
struct create_op {
  workspace_key workspace = 0;
  /// Progress as of `events`.
  std::shared_ptr<const session_header> header;
  std::vector<journal_event> events;
  std::vector<std::pair<std::string, seq_t>> foreign_ids;
  std::optional<idempotency_record> idempotency;
};

/// Removes a session: a tombstone now, its rows by sweep().
struct delete_op {
  session_key session = 0;
};

using store_op = std::variant<append_op, seal_op, create_op, delete_op>;

/// What became of one operation.
struct op_outcome {
  /// Code none: done.
  failure error;
  /// Append, create: row of the first event.
  journal_row first_row = 0;
  /// Create: the new (or, if `existed`, the earlier) session.
  session_key session = 0;
  /// Create: answered from an idempotency record.
  bool existed = false;
  /// Create: id of the earlier session.
  std::string existing_id;
};

// --- the ledger's rows -----------------------------------------------------------

/// `count` journal rows from `first` on that belong to one session.
struct row_run {
  journal_row first = 0;
  std::int64_t count = 0;
};

/// What a start-up scan finds of a session with unsealed events.
struct ledger_row {
  session_row row;
  std::vector<row_run> runs;
  /// JSON bytes unsealed.
  std::int64_t bytes = 0;
  /// As of the last event in the journal.
  session_progress progress;
};

/// A group of journal rows done away with.
struct trim_report {
  std::int64_t rows = 0;
  bool more = false;
};

/// The writing side. One per database; used by one thread at a time. After a failure with `io_failed` no call
/// may follow: what is on disk decides.
class event_store {
 public:
  virtual ~event_store() = default;

  /// One durable transaction. Outcomes stand in the order of `ops`. An operation that fails alone (an unknown
  /// session, an idempotency conflict) leaves the others untouched, but for appends to the same session and
  /// seals of it behind a failed append: they fail too, `unavailable`. A failure of the whole: nothing was
  /// written; `unavailable` (disk full, read-only, busy) may be tried again, `io_failed` may not.
  virtual result<std::vector<op_outcome>> commit(std::span<const store_op> ops) = 0;

  /// Every session with events in the journal that no segment holds. Only valid before the first commit.
  /// A session whose rows have a gap or do not fit their hash chain is left out and stands in damage():
  /// load() of it and operations on it (but its deletion) fail with `corrupt`, its rows are kept; the others
  /// are not touched by it.
  virtual result<std::vector<ledger_row>> scan() = 0;
  /// What scan() found damaged, one sentence for the log each.
  virtual std::vector<failure> damage() const { return {}; }
  /// A session's row by key; empty if it does not exist (or is deleted).
  virtual result<std::optional<session_row>> load(session_key session) = 0;
  /// The journal's events of a session, in order.
  virtual result<std::vector<journal_event>> unsealed(session_key session, std::span<const row_run> runs) = 0;

  /// Deletes journal rows before `before` (all sealed or dead), at most
  /// `max_bytes` of JSON or one small step.
  virtual result<trim_report> trim(journal_row before, std::size_t max_bytes) = 0;
  /// One small step (at most 1 MiB) of removing what deleted sessions left,
  /// and idempotency records older than idempotency_ttl.
  /// @returns whether more is left
  virtual result<bool> sweep(timestamp now) = 0;
  /// Moves what the write-ahead log holds into the database, without blocking readers or waiting for them.
  /// May run in another thread beside the other calls.
  virtual result<void> checkpoint() = 0;
  /// The next row that the journal would use.
  virtual result<journal_row> next_row() = 0;

  /// The workspace's key; made if `create`. `not_found` otherwise.
  virtual result<workspace_key> workspace(std::string_view name, bool create) = 0;
  /// 32 random bytes in hex that every server of this store signs with; made at the first call.
  virtual result<std::string> secret(std::string_view name) = 0;
};

// --- reading -----------------------------------------------------------------------

/// A place in a list of sessions. There need be no session at it.
struct session_place {
  timestamp created_at{};
  session_key key = 0;
  auto operator<=>(const session_place&) const = default;
};
inline session_place place_of(const session_row& row) { return {row.header.definition.created_at, row.key}; }

struct session_query {
  workspace_key workspace = 0;
  std::size_t limit = 20;
  /// About so many of headers: a page ends behind the row that reaches it.
  std::size_t max_bytes = std::size_t{1} << 30;
  /// By creation; newest first otherwise.
  bool ascending = false;
  /// Where the page begins: behind this in the page's direction.
  std::optional<session_place> after;
  /// Empty: all.
  std::vector<session_status> statuses;
  /// Empty: all.
  std::string agent_id;
  std::optional<std::int64_t> agent_version;
  /// Empty: all. Else those with a resource that is this memory store.
  std::string memory_store_id;
  bool include_archived = false;
  std::optional<timestamp> created_gt, created_gte, created_lt, created_lte;
};

struct session_page {
  std::vector<session_row> rows;
  /// Where to go on: everything up to here was looked at. Empty if there was nothing to look at.
  std::optional<session_place> reached;
  /// There may be more behind `reached`.
  bool more = false;
};

/// What is walked: events in (after, up_to], from the front or `backwards`.
struct search_range {
  seq_t after = 0;
  seq_t up_to = 0;
  bool backwards = false;
};
/// Where a search has got to. What is left: forwards (reached, up_to], backwards (after, reached].
struct search_result {
  seq_t reached = 0;
  /// The next event of what is left is one that was looked for.
  bool found = false;
  /// What is left lies beyond the bounds of time: nothing of it can match.
  bool through = false;
};

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

/// The reading side, on a connection of its own; sees what was committed
/// before each call. One thread at a time.
class event_reader {
 public:
  virtual ~event_reader() = default;

  virtual result<std::optional<session_row>> find_session(workspace_key workspace, std::string_view id) = 0;
  /// Rows that still exist, in the order of `keys`.
  virtual result<std::vector<session_row>> reload(std::span<const session_key> keys) = 0;
  /// Looks only at sessions of the agent, if one is asked for, and at archived ones only if they are.
  /// `enough`, asked behind each row that was looked at: whether the page shall end where it is.
  virtual result<session_page> list_sessions(const session_query& query,
                                             const std::function<bool()>& enough) = 0;

  /// Whole segments that hold events in (after, up_to], oldest first, until
  /// `max_bytes` of frames are reached (at least one). Spans are cut to the range.
  /// Empty if none are sealed there. `corrupt` if a checksum or a gap says so.
  virtual result<log_slice> read(session_key session, seq_t after, seq_t up_to, std::size_t max_bytes) = 0;
  /// The same towards the front: the last segments that hold events in
  /// [from, before), still oldest first in the slice.
  virtual result<log_slice> read_back(session_key session, seq_t from, seq_t before,
                                      std::size_t max_bytes) = 0;
  /// Looks for the next sealed event that `what` selects. Reads marks, and events only where they cannot
  /// tell. `enough`, asked between segments: whether it shall end where it is. It always gets ahead.
  /// `corrupt` if a checksum or a gap says so.
  virtual result<search_result> search(session_key session, const search_range& range,
                                       const event_selection& what, const std::function<bool()>& enough) = 0;
  /// The place of an id among sealed events and the side table, verified; empty if the session never had it.
  virtual result<std::optional<seq_t>> find_event(session_key session, std::string_view id) = 0;
  virtual result<std::optional<idempotency_record>> find_idempotency(workspace_key workspace,
                                                                     session_key session,
                                                                     std::string_view key) = 0;
  /// By SHA-256 of the whole key; revoked ones are returned too.
  virtual result<std::optional<api_key>> find_key(const digest& hash) = 0;
  virtual result<std::optional<api_key>> find_key(api_key_id id) = 0;
};

}  // namespace sandbase
