// SPDX-License-Identifier: Apache-2.0
// What the writers of one process share. Thread-safe.
#pragma once

#include "persistence/event_store.hpp"
#include "persistence/postgres/roles/node_presence.hpp"
#include "persistence/postgres/roles/unsealed_account.hpp"
#include "persistence/postgres/tables/schema.hpp"

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sandbase::postgres {

class writer_group {
 public:
  /// `known`: the tables as this program knows them; its writers migrate to that.
  writer_group(std::size_t lanes, std::int64_t max_unsealed, table_history known)
      : presence(version_of(known)), unsealed(max_unsealed), lanes_(lanes), known_(known) {}

  std::size_t lanes() const noexcept { return lanes_; }
  table_history known() const noexcept { return known_; }
  /// How the writer of a lane is marked in `tips`.
  std::int64_t mark_of(std::size_t lane) const noexcept {
    return presence.id() | static_cast<std::int64_t>(lane);
  }

  /// It is damaged: nobody claims it, and its rows are left alone.
  void set_aside(session_key session, std::string_view why);
  /// One sentence for the log; empty: it is not set aside.
  std::string why_set_aside(session_key session) const;
  std::vector<session_key> all_set_aside() const;
  /// Each once.
  std::vector<failure> take_damage();

  /// Its last segment is small: several may be joined.
  void note_small(session_key session);
  std::optional<session_key> take_small();

  node_presence presence;
  /// One for all: a bound of the process, which a lane with more to do than another may use up.
  unsealed_account unsealed;
  /// Of the journal, since the last vacuum.
  std::atomic<std::int64_t> dead_rows = 0;
  /// Something was erased, by this process or another.
  std::atomic<bool> wants_vacuum = true;

 private:
  const std::size_t lanes_;
  const table_history known_;
  mutable std::mutex mutex_;
  std::map<session_key, std::string> damaged_;
  /// Of these take_damage() has told.
  std::set<session_key> told_;
  std::set<session_key> small_;
};

}  // namespace sandbase::postgres
