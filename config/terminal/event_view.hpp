// SPDX-License-Identifier: Apache-2.0
// An event as people read it: time, type, and what it says.
#pragma once

#include "config/terminal/terminal.hpp"
#include "events/json/json_text.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sandbase {

/// What an event says in short: the text of a message, the name and input of a tool use, the reason of an
/// idle; of other types what they have beside `id`, `type` and `processed_at`. Raw: see printable().
std::string summary_of(const json::value& event);

/// The texts of the text blocks of `content`, with a line feed between them.
std::string text_of_content(const json::value& event);

/// How wide the lines are, and how many one event may have.
struct view_bounds {
  /// 0: an event is one line, however long; for files and pipes.
  std::size_t columns = 0;
  std::size_t max_lines = 40;
};

/// One or more lines, each with its line feed. Nothing in them can harm a terminal.
std::string render_event_for_people(const json::value& event, const view_bounds& bounds, palette colours);

/// Lines at the end of a terminal's output that are there for a while: drawn over what they were before.
class passing_lines {
 public:
  explicit passing_lines(std::size_t max_lines) : max_lines_(max_lines) {}

  /// What to write so that these stand there, the last of them if they are too many.
  std::string show(const std::vector<std::string>& lines);
  /// What to write so that they are gone, and the cursor where they began.
  std::string erase();

 private:
  std::size_t max_lines_;
  std::size_t shown_ = 0;
};

}  // namespace sandbase
