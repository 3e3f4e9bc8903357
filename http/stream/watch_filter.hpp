// SPDX-License-Identifier: Apache-2.0
// Which changes of a workspace's sessions a client that watches it is told: those of sessions that its
// filters let through, and once more when they stop to. Plain data structure of one stream.
#pragma once

#include "actors/messages/board.hpp"
#include "persistence/session_query.hpp"

#include <optional>
#include <string>
#include <unordered_set>

namespace sandbase {

class watch_filter {
 public:
  /// Of more sessions it does not remember whether the client was shown them: it is told rather than not.
  static constexpr std::size_t max_remembered = 100'000;

  explicit watch_filter(session_query query) : query_(std::move(query)) {}

  /// The client was shown this one, by the list that its stream begins with.
  void listed(const std::string& id) { remember(id); }
  /// The list left out sessions that were made before, or at that time.
  void list_begins_behind(timestamp time) { older_than_list_ = time; }
  bool passes(const board_entry& change);

 private:
  void remember(const std::string& id);
  bool may_have_been_shown(const session_summary& s) const;

  session_query query_;
  std::optional<timestamp> older_than_list_;
  /// The client knows them as sessions that pass.
  std::unordered_set<std::string> shown_;
  /// Left out of the list, and known not to pass by now.
  std::unordered_set<std::string> hidden_;
};

}  // namespace sandbase
