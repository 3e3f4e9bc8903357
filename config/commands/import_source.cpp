#include "config/commands/import_source.hpp"

#include <string_view>

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

result<std::optional<header_line>> import_source::next_header() {
  auto line = lines_.next();
  if (!line) return std::move(line).error();
  if (!*line) return std::optional<header_line>{};
  const auto& [text, number] = **line;
  if (!event_text(text).empty())
    return at_line(number, {errc::invalid, "an event without a session: a header line must stand before it"});
  auto header = parse_import_header(text);
  if (!header) return at_line(number, header.error());
  return std::optional{header_line{*std::move(header), std::string{text}, number}};
}

result<std::optional<event_line>> import_source::next_event() {
  auto line = lines_.next();
  if (!line) return std::move(line).error();
  if (!*line) return std::optional<event_line>{};
  const auto& [text, number] = **line;
  const auto event = event_text(text);
  if (event.empty()) {
    lines_.put_back();
    return std::optional<event_line>{};
  }
  auto draft = parse_imported_event(event, "event", limits_);
  if (!draft) return at_line(number, draft.error());
  return std::optional{event_line{*std::move(draft), number}};
}

}  // namespace sandbase
