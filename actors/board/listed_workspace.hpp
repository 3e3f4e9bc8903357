// SPDX-License-Identifier: Apache-2.0
// What others have changed in a workspace, by its list in the store as it is read again and again: for those
// that no link tells of. Plain data structure of the board.
#pragma once

#include "actors/messages/all.hpp"

#include <string>
#include <unordered_map>
#include <vector>

namespace sandbase {

class listed_workspace {
 public:
  /// `list`: the newest sessions of the workspace, newest first, archived ones as well. @returns what differs
  /// from the list before; of the first one nothing
  std::vector<session_news> compare(workspace_key workspace, const session_list& list);

  bool is_empty() const { return is_first_; }

 private:
  struct state {
    session_key session = 0;
    timestamp created_at{};
    timestamp updated_at{};
    seq_t last_seq = 0;
  };

  std::unordered_map<std::string, state> seen_;
  bool is_first_ = true;
};

}  // namespace sandbase
