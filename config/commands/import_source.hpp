// SPDX-License-Identifier: Apache-2.0
// An import file as sessions and their events. Format: docs/clients.md, "Export format".
#pragma once

#include "config/commands/line_reader.hpp"
#include "events/event/event_draft.hpp"
#include "events/session/session.hpp"

#include <optional>
#include <string>

namespace sandbase {

struct header_line {
  imported_header header;
  /// The whole line, in the form of a json::document.
  std::string text;
  std::size_t number = 0;
};

struct event_line {
  event_draft draft;
  std::size_t number = 0;
};

/// `line 12: what is wrong`, with the failure's code.
failure at_line(std::size_t number, const failure& f);

/// Reads headers and events in turn. Failures name the line.
class import_source {
 public:
  explicit import_source(line_reader lines) : lines_(std::move(lines)) {}

  /// The next session's header; empty at the end of the input. @pre every
  /// event before it was taken by next_event()
  result<std::optional<header_line>> next_header();
  /// The next event of the session whose header came last; empty where that
  /// session ends: at a well-formed header, or at the end of the input. A
  /// line that is neither belongs to the session before it, and fails here.
  result<std::optional<event_line>> next_event();

  const line_reader& lines() const noexcept { return lines_; }

 private:
  result<header_line> read_header(const text_line& line) const;
  result<std::optional<header_line>> read_next_header();

  line_reader lines_;
  /// In the events of the session whose header came last.
  json::line_breaks breaks_ = json::line_breaks::escaped;
  /// Read by next_event(), to be given by next_header().
  std::optional<header_line> upcoming_;
};

}  // namespace sandbase
