// SPDX-License-Identifier: Apache-2.0
#include "config/commands/import_source.hpp"

#include "events/json/json_document.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace sandbase {
namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view skip_blanks(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text;
}

/// The event's text in `{"event":…}`; empty if the line looks otherwise. The text is not checked: whatever
/// stands there too (a further member) makes it no JSON value.
std::string_view event_text(std::string_view line) {
  for (const std::string_view token : {"{", "\"event\"", ":"}) {
    line = skip_blanks(line);
    if (!line.starts_with(token)) return {};
    line.remove_prefix(token.size());
  }
  const auto last = line.find_last_not_of(blanks);
  return last != std::string_view::npos && line[last] == '}' ? line.substr(0, last) : std::string_view{};
}

}  // namespace

failure at_line(std::size_t number, const failure& f) {
  return {f.code, "line " + std::to_string(number) + ": " + f.message};
}

result<header_line> import_source::read_header(const text_line& line) const {
  if (!event_text(line.text).empty())
    return at_line(line.number,
                   {errc::invalid, "an event without a session: a header line must stand before it"});
  const auto document = json::document::read_wrapped(line.text, "header");
  if (!document) return at_line(line.number, document.error());
  auto header = parse_import_header(document->text());
  if (!header) return at_line(line.number, header.error());
  return header_line{*std::move(header), std::string{document->text()}, line.number};
}

result<std::optional<header_line>> import_source::next_header() {
  auto header = upcoming_ ? std::exchange(upcoming_, std::nullopt) : read_next_header();
  // Only the bytes as they are can have the head that the header tells.
  const bool has_head = header && *header && (*header)->header.expected_head;
  breaks_ = has_head ? json::line_breaks::kept : json::line_breaks::escaped;
  return header;
}

result<std::optional<header_line>> import_source::read_next_header() {
  const auto line = lines_.next();
  if (!line) return line.error();
  if (!*line) return std::optional<header_line>{};
  auto header = read_header(**line);
  if (!header) return std::move(header).error();
  return std::optional{*std::move(header)};
}

result<std::optional<event_line>> import_source::next_event() {
  if (upcoming_) return std::optional<event_line>{};
  const auto line = lines_.next();
  if (!line) return line.error();
  if (!*line) return std::optional<event_line>{};
  const auto event = event_text((*line)->text);
  if (event.empty()) {
    auto header = read_header(**line);
    if (!header) return std::move(header).error();
    upcoming_ = *std::move(header);
    return std::optional<event_line>{};
  }
  auto draft = parse_imported_event(event, "event", breaks_);
  if (!draft) return at_line((*line)->number, draft.error());
  return std::optional{event_line{*std::move(draft), (*line)->number}};
}

}  // namespace sandbase
