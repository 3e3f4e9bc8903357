// SPDX-License-Identifier: Apache-2.0
#include "events/json/line_breaks.hpp"

#include <algorithm>
#include <array>

namespace sandbase {

namespace {

struct line_break {
  std::string_view bytes;
  std::string_view escape;
};
constexpr line_break next_line{"\xc2\x85", "\\u0085"};
constexpr std::array separators{line_break{"\xe2\x80\xa8", "\\u2028"}, line_break{"\xe2\x80\xa9", "\\u2029"}};
/// What both of them begin with.
constexpr std::string_view separator_start = "\xe2\x80";

/// The next one at or behind `from`, or npos.
std::size_t find_separator(std::string_view text, std::size_t from) {
  for (;;) {
    const auto found = text.find(separator_start, from);
    if (found == std::string_view::npos || !line_break_escape(text, found).empty()) return found;
    from = found + separator_start.size();
  }
}

}  // namespace

std::string_view line_break_escape(std::string_view text, std::size_t pos) {
  const auto rest = text.substr(pos);
  if (rest.starts_with(next_line.bytes)) return next_line.escape;
  for (const auto& separator : separators)
    if (rest.starts_with(separator.bytes)) return separator.escape;
  return {};
}

std::size_t line_break_size(std::string_view escape) {
  return escape == next_line.escape ? next_line.bytes.size() : separators.front().bytes.size();
}

std::optional<std::string> escape_line_breaks(std::string_view json) {
  // Each search looks for its first byte alone, which most texts do not have.
  auto separator = find_separator(json, 0);
  auto line = json.find(next_line.bytes);
  auto next = std::min(separator, line);
  if (next == std::string_view::npos) return std::nullopt;
  std::string out;
  out.reserve(json.size() + 64);
  std::size_t pos = 0;
  for (; next != std::string_view::npos; next = std::min(separator, line)) {
    const auto escape = line_break_escape(json, next);
    out.append(json.substr(pos, next - pos)).append(escape);
    pos = next + line_break_size(escape);
    if (next == separator)
      separator = find_separator(json, pos);
    else
      line = json.find(next_line.bytes, pos);
  }
  out.append(json.substr(pos));
  return out;
}

}  // namespace sandbase
