// SPDX-License-Identifier: Apache-2.0
// UTF-8 as RFC 3629 defines it (Unicode 15, table 3-7): no overlong forms, no surrogates, nothing beyond
// U+10FFFF.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace sandbase {

/// Whether a byte is the second or a later one of its character.
constexpr bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// Bytes of the character that `text` begins with; 0 if it begins with none that is well formed.
std::size_t first_character_size(std::string_view text);

/// Where the first byte stands that is part of no well-formed character; npos if the whole is well formed.
std::size_t find_bad_utf8(std::string_view text);
inline bool is_utf8(std::string_view text) { return find_bad_utf8(text) == std::string_view::npos; }

/// Bytes that begin a character: of well-formed text, its characters.
inline std::size_t count_characters(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::ranges::count_if(text, continues_character));
}

/// The front of `text`, at most `max_bytes` long, that does not end within a character. @pre is_utf8(text)
std::string_view cut_text(std::string_view text, std::size_t max_bytes);

/// @pre a Unicode scalar value
void append_utf8(std::string& out, char32_t c);

}  // namespace sandbase
