// SPDX-License-Identifier: Apache-2.0
// The lines of an export: the one place that writes them and the one that reads them. Format:
// docs/clients.md, "Export format".
#pragma once

#include "events/event/event_draft.hpp"
#include "events/log/log_block.hpp"
#include "events/session/session.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace sandbase {

// --- writing -----------------------------------------------------------------------------------

/// The line that a session begins with, with its end. `now`: for the durations of a session that runs.
std::string render_header_line(const session_header& header, std::string_view workspace, timestamp now);

/// The line of an event is its JSON, to the byte, between these.
inline constexpr std::string_view event_line_start = "{\"event\":";
/// @pre `block` holds `seq`
std::string event_line_end(const log_block& block, seq_t seq);
/// At most so many bytes stand in a line beside the event's JSON, without the line end.
inline constexpr std::size_t event_line_extra = 96;
/// Appends the whole line. @pre as above
void append_event_line(std::string& out, const log_block& block, seq_t seq);

// --- reading -----------------------------------------------------------------------------------

struct header_line {
  imported_header header;
  /// The whole line, in the form of a json::document.
  std::string text;
};

struct event_line {
  event_draft draft;
  /// Its `salt`, or its `leaf` if it was erased; empty if the line has neither.
  std::optional<event_proof> proof{};
};

enum class line_kind : std::uint8_t { header, event, neither };

struct bad_line {
  /// What it was meant to be, as far as that can be told.
  line_kind meant = line_kind::neither;
  /// Names the field: `event.processed_at`, `session.agent`.
  failure why;
  /// Of a header, if it can be read.
  std::string session;
};

using transfer_line = std::variant<header_line, event_line, bad_line>;

/// Reads one line. `breaks`: in the strings of an event.
transfer_line read_transfer_line(std::string_view text, json::line_breaks breaks);

/// What a line is by how it begins, as render_header_line() and append_event_line() write it.
line_kind guess_kind(std::string_view text);

}  // namespace sandbase
