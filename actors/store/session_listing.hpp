// SPDX-License-Identifier: Apache-2.0
// One page of List Sessions while it is put together: rows come in slices, and what leaves is JSON. Plain
// data structure of the reader actor.
#pragma once

#include "actors/messages/all.hpp"

namespace sandbase {

class session_listing {
 public:
  explicit session_listing(list_sessions request) : request_(std::move(request)) {}

  bool finished() const { return finished_; }
  /// The slice to read next. @pre !finished()
  session_query next_query() const;
  /// What was read.
  void take(const session_page& slice);
  /// @pre finished(); once
  session_list take_answer() { return std::move(answer_); }

 private:
  /// @returns whether it fits the page
  bool add(const session_row& row);

  list_sessions request_;
  session_list answer_;
  std::size_t bytes_ = 0;
  int slices_ = 0;
  bool finished_ = false;
};

}  // namespace sandbase
