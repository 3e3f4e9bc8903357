// SPDX-License-Identifier: Apache-2.0
#include "config/terminal/fold.hpp"

#include "config/terminal/printable.hpp"
#include "events/base/utf8.hpp"

#include <algorithm>

namespace sandbase {
namespace {

/// How many bytes of `text` fit, at least one character's.
std::size_t bytes_that_fit(std::string_view text, std::size_t columns) {
  std::size_t bytes = 0;
  std::size_t taken = 0;
  while (bytes < text.size()) {
    const auto size = std::max<std::size_t>(first_character_size(text.substr(bytes)), 1);
    taken += display_width(text.substr(bytes, size));
    if (taken > columns && bytes > 0) break;
    bytes += size;
  }
  return bytes;
}

void fold_line(std::string_view line, std::size_t columns, std::vector<std::string>& lines) {
  for (;;) {
    const auto fit = bytes_that_fit(line, columns);
    if (fit == line.size()) break;
    // A space that would stand behind the last column goes with the break.
    const auto space = line.substr(0, fit + 1).find_last_of(' ');
    const bool has_word = space != std::string_view::npos && space > 0;
    lines.emplace_back(line.substr(0, has_word ? space : fit));
    line.remove_prefix(has_word ? space + 1 : fit);
  }
  lines.emplace_back(line);
}

}  // namespace

std::vector<std::string> fold(std::string_view text, std::size_t columns) {
  std::vector<std::string> lines;
  for (;;) {
    const auto end = text.find('\n');
    fold_line(text.substr(0, end), columns, lines);
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

}  // namespace sandbase
