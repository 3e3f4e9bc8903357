// SPDX-License-Identifier: Apache-2.0
// Characters at which some readers of a stream end a line although neither SSE nor JSON does: U+0085 (next
// line), U+2028 (line separator) and U+2029 (paragraph separator). Python's str.splitlines is one such
// reader, and through it httpx. JSON that leaves this service has them as escapes only; its value stays the
// same.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sandbase {

/// The escape of the line break that begins at `pos`, `\u2028` for one; empty if none begins there. @pre
/// valid UTF-8
std::string_view line_break_escape(std::string_view text, std::size_t pos);
/// Bytes of the line break whose escape that is.
std::size_t line_break_size(std::string_view escape);

/// The text with every line break as its escape; none if it has no line break. @pre valid JSON: within it
/// they can stand in strings only. Time: as good as nothing for a text without the bytes that begin them.
std::optional<std::string> escape_line_breaks(std::string_view json);

}  // namespace sandbase
