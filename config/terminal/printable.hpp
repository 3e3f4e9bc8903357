// SPDX-License-Identifier: Apache-2.0
// Text of others, as it may be shown on a terminal: without what would move its cursor, change its colours or
// turn the direction of what follows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sandbase {

/// What becomes of line feeds and tabs.
enum class spaces : std::uint8_t {
  /// A space each.
  as_space,
  /// Line feeds stay; a tab is a space.
  keep_lines,
};

/// Control characters (C0, C1, DEL), marks that turn the direction of text, line separators and what is not
/// UTF-8 become `?`.
std::string printable(std::string_view text, spaces how = spaces::as_space);

/// A JSON text in which what printable() would replace stands as an escape; the value is the same.
/// @pre valid JSON on one line
std::string escape_for_terminal(std::string_view json);

/// Columns that it takes on a terminal: none for what combines, two for wide characters.
/// @pre printable() made it
std::size_t display_width(std::string_view text);

/// The front of `text` that takes at most so many columns; where something is cut off it ends in `…`.
std::string cut_to_width(std::string_view text, std::size_t columns);

}  // namespace sandbase
