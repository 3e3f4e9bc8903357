// SPDX-License-Identifier: Apache-2.0
// Where a value stands in a request (`events[2].content[0].text`): linked on the stack while descending,
// turned into text only when there is something to complain about.
#pragma once

#include "events/base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace sandbase {

class field_path {
 public:
  /// `root`: what stands before the first step; empty for a request's body itself.
  explicit field_path(std::string_view root = {}) : name_(root) {}
  /// A step from `parent`, which must outlive this.
  field_path(const field_path& parent, std::string_view member) : parent_(&parent), name_(member) {}
  field_path(const field_path& parent, std::size_t index)
      : parent_(&parent), index_(index), is_index_(true) {}

  /// `body` for an empty root without steps.
  std::string text() const;

 private:
  void append_to(std::string& out) const;

  const field_path* parent_ = nullptr;
  std::string_view name_;
  std::size_t index_ = 0;
  bool is_index_ = false;
};

/// Adds one step to a path in text form. Keys that are no plain names are quoted, long ones cut.
void append_member(std::string& path, std::string_view key);
void append_index(std::string& path, std::size_t index);

/// `text` as a JSON string, cut to a length that a message can bear.
std::string quoted_for_message(std::string_view text);

/// `invalid`: "<path>: <what>".
failure invalid_at(const field_path& path, std::string_view what);

}  // namespace sandbase
