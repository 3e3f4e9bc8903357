// SPDX-License-Identifier: Apache-2.0
// What previews have told so far of events that are still being made.
#pragma once

#include "events/json/json_text.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace sandbase {

class preview_text {
 public:
  /// Takes `event_start` or `event_delta`. A delta of an event whose start was missed is one too.
  void add(const json::value& preview);
  /// The stored event with this id has come, or its request has ended without one.
  void conclude(std::string_view event_id) { texts_.erase(std::string{event_id}); }
  void conclude_all() { texts_.clear(); }

  bool empty() const { return texts_.empty(); }
  /// Of all of them, a line feed between them. Raw: see printable().
  std::string text() const;

 private:
  struct content {
    std::string text;
    std::int64_t block = 0;
  };
  std::map<std::string, content> texts_;
};

}  // namespace sandbase
