// SPDX-License-Identifier: Apache-2.0
// Writes events to stdout as they come: for people, with previews below them on a terminal, or as they are
// stored.
#pragma once

#include "config/commands/output.hpp"
#include "config/terminal/event_view.hpp"
#include "config/terminal/preview_text.hpp"
#include "config/terminal/terminal.hpp"
#include "events/base/result.hpp"
#include "events/json/json_text.hpp"

#include <cstdint>
#include <string>

namespace sandbase {

class event_display {
 public:
  enum class style : std::uint8_t {
    /// Time, type, summary.
    people,
    /// Only what agent.message says.
    answers,
    /// The bytes of the event.
    json,
  };

  explicit event_display(style how);

  /// Written at once, not buffered. `io_failed` without a message if nobody reads any more.
  result<void> event(const json::value& event);
  result<void> preview(const json::value& preview);
  /// Whether previews would be shown.
  bool shows_previews() const { return is_terminal_ && how_ != style::json && colours_.is_on(); }

 private:
  std::string render(const json::value& event) const;
  result<void> write(const std::string& text);

  style how_;
  bool is_terminal_;
  palette colours_;
  preview_text previews_;
  passing_lines passing_;
  output out_ = output::to_stdout();
};

}  // namespace sandbase
