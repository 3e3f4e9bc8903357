// SPDX-License-Identifier: Apache-2.0
// The changes of one workspace's sessions, each session at its last one. Plain data structure of the board.
#pragma once

#include "actors/messages/board.hpp"

#include <map>
#include <string>
#include <unordered_map>

namespace sandbase {

class workspace_changes {
 public:
  /// Of these the oldest are forgotten: who has not pulled them by then has to begin anew.
  static constexpr std::size_t max_sessions = 10'000;
  static constexpr std::size_t max_bytes = std::size_t{16} * 1024 * 1024;

  /// @pre `number` is larger than all before. @returns whether it is news, and has that number: what says the
  /// same, or is older than what is known, is not
  bool add(const session_news& news, change_number number);
  board_page page(change_number after, std::size_t max_bytes, bool own_only = false) const;

  /// Number of the last change; 0: there was none.
  change_number last() const { return by_number_.empty() ? forgotten_ : by_number_.rbegin()->first; }
  std::size_t size() const { return by_number_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  static std::size_t bytes_of(const board_entry& e);
  void forget(std::map<change_number, board_entry_ptr>::iterator entry);

  std::map<change_number, board_entry_ptr> by_number_;
  /// By the session's id.
  std::unordered_map<std::string, change_number> numbers_;
  std::size_t bytes_ = 0;
  /// Some of the changes up to there are not here any more.
  change_number forgotten_ = 0;
};

}  // namespace sandbase
