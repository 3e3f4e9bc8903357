// SPDX-License-Identifier: Apache-2.0
// Opening a store by URL, and what operators do with it beside or instead of the running service.
#pragma once

#include "persistence/end_reader.hpp"
#include "persistence/event_reader.hpp"
#include "persistence/event_store.hpp"
#include "persistence/node_registry.hpp"
#include "persistence/session_claimer.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sandbase {

/// A key as it is shown once: `secret` is `sk-sb-` + 160 random bits, only its SHA-256 is stored.
struct new_api_key {
  api_key key;
  std::string secret;
};

struct workspace_row {
  workspace_key key = 0;
  std::string name;
  std::int64_t sessions = 0;
};

/// Writes one session during an offline import, all or nothing: finish() makes it part of the store,
/// destruction without it undoes. Must not outlive its store_admin.
class session_import {
 public:
  virtual ~session_import() = default;
  /// Blocks are consecutive from seq 1 on.
  virtual result<void> add(log_block_ptr block) = 0;
  /// Ids of the block's events that do not tell their place. `invalid` if
  /// one of them is already in this session.
  virtual result<void> add_foreign_ids(const std::vector<std::pair<std::string, seq_t>>& ids) = 0;
  virtual result<void> finish(const session_header& header) = 0;
};

/// Operators' side of a store. Blocking; one thread at a time. Beside a
/// running server: short transactions, busy timeout.
class store_admin {
 public:
  virtual ~store_admin() = default;

  /// Makes the workspace if it is new.
  virtual result<new_api_key> create_key(std::string_view workspace, role may, std::string_view name,
                                         timestamp now) = 0;
  virtual result<std::vector<api_key>> list_keys() = 0;
  /// `not_found` if there is none; revoking twice keeps the first time.
  virtual result<api_key> revoke_key(api_key_id id, timestamp now) = 0;

  virtual result<std::vector<workspace_row>> list_workspaces() = 0;
  /// The processes that serve the store, those too that have not been seen for long, by id. None where only
  /// one can.
  virtual result<std::vector<node_record>> list_nodes() { return std::vector<node_record>{}; }
  /// Which of them wrote a session last, 0: none did; nothing: there is no such session, or only one can.
  virtual result<std::optional<node_id>> find_writer(session_key) { return std::optional<node_id>{}; }
  /// Every session (of a workspace, if named), oldest first, with progress
  /// up to its last event. Stops when `f` returns false.
  virtual result<void> each_session(
      std::optional<std::string_view> workspace,
      const std::function<bool(const session_row&, std::string_view workspace)>& f) = 0;
  /// All rows of that id (ids are unique per workspace only).
  virtual result<std::vector<session_row>> find_sessions(std::string_view id) = 0;
  /// The events of a session from `after` on, journal and segments read in one transaction, in pieces of
  /// about `max_bytes`. Stops when `f` returns false.
  virtual result<void> each_slice(session_key session, seq_t after, std::size_t max_bytes,
                                  const std::function<bool(const log_slice&)>& f) = 0;

  /// Needs the exclusive lock; one at a time. `conflict` if the workspace has a session of that id. Many
  /// finished sessions are made durable together, some megabytes at a time: a failure of the store may undo
  /// those since the last flush().
  virtual result<std::unique_ptr<session_import>> begin_import(std::string_view workspace,
                                                               std::string_view id) = 0;
  /// To be called before each piece of an import's input, and several times a second while that is waited
  /// for: where others work on the store too, nothing is kept open that would hold them up, and what is
  /// finished becomes durable. Failures as of flush().
  virtual result<void> rest() { return {}; }
  /// Makes every finished import durable. Destruction does so too, but cannot tell whether it worked.
  virtual result<void> flush() = 0;

  /// Verifies everything: file integrity, every log gapless from 1 over segments
  /// and journal, chains and checksums, ids match their places, headers agree
  /// with their logs. Calls `problem` with one sentence for each fault found.
  struct check_report {
    std::int64_t sessions = 0;
    std::int64_t events = 0;
    std::int64_t problems = 0;
  };
  virtual result<check_report> check(const std::function<void(const std::string&)>& problem) = 0;
};

/// Held while a process works on a store alone; released by destruction (or by the end of the process).
class exclusive_lock {
 public:
  virtual ~exclusive_lock() = default;
};

/// Tells how far a copy is, both in bytes; the total may still change.
using copy_progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

struct backup_report {
  std::uint64_t bytes = 0;
  /// Of the copy, which is a store.
  std::string url;
};

/// Bytes of JSON that may be unsealed: counted from the oldest event on that is.
inline constexpr std::int64_t default_max_unsealed_bytes = std::int64_t{512} * 1024 * 1024;

/// What writes to a store in one process, each on a thread of its own.
struct store_writers {
  /// At least one. What all of them have unsealed counts against one bound.
  std::vector<std::unique_ptr<event_store>> lanes;
  /// Claims for all of them; null: each does by itself.
  std::unique_ptr<session_claimer> claimer;
};

/// A store of some kind at some place. Thread-safe.
class store_backend {
 public:
  virtual ~store_backend() = default;
  /// `conflict` naming the holder (process id and purpose) if somebody else holds it.
  virtual result<std::unique_ptr<exclusive_lock>> lock(std::string_view purpose) = 0;
  /// Applies migrations, and finds what is unsealed. Beyond `max_unsealed_bytes` appends are refused.
  /// @pre the exclusive lock is held
  virtual result<std::unique_ptr<event_store>> open_writer(
      std::int64_t max_unsealed_bytes = default_max_unsealed_bytes) = 0;
  /// The same for several: as many as are wanted, up to max_writers, or the one that a store can have.
  virtual result<store_writers> open_writers(std::size_t wanted, std::int64_t max_unsealed_bytes);
  static constexpr std::size_t max_writers = 4;
  /// Those that are opened behind the writer find the ends of logs beside it; others read the whole journal
  /// for each session, as tools do.
  virtual result<std::unique_ptr<event_reader>> open_reader() = 0;
  virtual result<std::unique_ptr<store_admin>> open_admin() = 0;
  /// Null if only one process writes the store: its writer knows where logs end.
  virtual result<std::unique_ptr<end_reader>> open_end_reader() = 0;
  /// Of the process whose writers were opened last. Null if only one process writes the store.
  /// @pre one of these writers is there
  virtual result<std::unique_ptr<node_registry>> open_node_registry(announcement own) = 0;

  /// Copies the whole store, as it is when this is called, to the new file `target`, which is there only when
  /// it is whole and durable. Beside a running server: nobody waits for it. `conflict` if `target` exists or
  /// is being made, `invalid` if it cannot be made; other failures come later, and nothing of the copy stays.
  virtual result<backup_report> backup(const std::string& target, const copy_progress& progress) = 0;
};

/// Versions of a store's tables; 0: there are none.
struct migration_report {
  std::int64_t from = 0;
  std::int64_t to = 0;
};

/// Where a store is.
struct store_address {
  /// `sqlite:PATH` or a libpq URI (`postgres://USER@HOST[,HOST…]/DATABASE`).
  std::string url;
  /// File with the password for the URI, on its first line; empty: libpq finds it itself, if one is needed.
  std::string password_file{};

  bool operator==(const store_address&) const = default;
};

/// `invalid`, without what may be secret in it, unless it is a URL of a store that this program knows.
result<void> check_store_url(std::string_view url);

/// With `create`, a missing database file (and its folder), or the tables in a database, are made; else that
/// is `not_found`. A file of another format, a newer schema or a broken catalogue is refused with what to do,
/// and left untouched.
/// To write into a store of an older version it has to be migrated before, or opened with open_writer().
result<std::unique_ptr<store_backend>> open_backend(const store_address& address, bool create);
inline result<std::unique_ptr<store_backend>> open_backend(std::string_view url, bool create) {
  return open_backend(store_address{std::string{url}}, create);
}

/// Brings the tables of a store to the version of this program, all or nothing; nothing happens if they have
/// it. With `create` a missing store is made, else that is `not_found`. Several processes may try at once.
/// Refused as by open_backend(), and where the right to make tables is missing (`invalid`, naming it) or a
/// file's store is in use (`conflict`, naming by whom).
result<migration_report> migrate_store(const store_address& address, bool create);

}  // namespace sandbase
