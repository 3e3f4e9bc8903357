// SPDX-License-Identifier: Apache-2.0
// Appends to many sessions by one statement. The fence is in it: where epoch, place and head of a session are
// not what they should be, that session drops out alone.
#pragma once

#include "persistence/operations.hpp"
#include "persistence/postgres/sql/connection.hpp"

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace sandbase::postgres {

/// Events of one session that are stored together or not at all: appends that follow each other.
struct append_group {
  /// With their places in the commit.
  std::vector<std::pair<const append_op*, std::size_t>> appends;

  seq_t last_seq() const { return appends.back().first->tip.last_seq; }
  const digest& head() const { return appends.back().first->tip.head; }
  bool ends_epoch() const { return appends.back().first->ends_epoch; }
};

class append_batch {
 public:
  /// Takes an append in, behind those of its session that are there already. @returns false if it cannot
  /// stand in one statement with them: it asks for a key or an id that one of them takes
  bool add(const append_op& op, std::size_t place);
  /// Where the session's log ends if all of it is stored; null: nothing of it is appended here.
  const append_group* group_of(session_key session) const;

  bool empty() const noexcept { return groups_.empty(); }
  /// Whether one statement is all that it takes.
  bool is_plain() const noexcept { return is_plain_; }
  const std::map<session_key, append_group>& groups() const noexcept { return groups_; }

  /// @returns where the answer will stand
  std::size_t add_to(pipeline& calls) const;
  /// The sessions whose groups are stored.
  static std::set<session_key> stored(const rows& answer);

 private:
  std::map<session_key, append_group> groups_;
  /// (session, key), (session, id)
  std::set<std::pair<session_key, std::string>> keys_;
  std::set<std::pair<session_key, std::string>> ids_;
  bool is_plain_ = true;
};

/// Why an append that can fail by its key or its ids was not stored. Asked behind it.
failure why_not_stored(connection& db, const append_op& op);

/// The session has another writer.
failure fenced();

}  // namespace sandbase::postgres
