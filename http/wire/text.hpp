// SPDX-License-Identifier: Apache-2.0
// Small questions about text that several parts of HTTP ask.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sandbase {

/// Equal but for the case of ASCII letters.
bool iequals(std::string_view a, std::string_view b);
std::string to_lower(std::string_view text);
/// May stand in the name of a header field (RFC 9110, section 5.6.2).
bool is_token_char(char c);
/// Without spaces and tabs around.
std::string_view trim(std::string_view text);
/// The parts between `separator`s, trimmed; empty ones are left out.
std::vector<std::string_view> split(std::string_view text, char separator);
/// Only decimal digits, at least one, fits.
std::optional<std::uint64_t> parse_number(std::string_view text);
/// Decodes %XX, and '+' as a space if asked to. Empty if an escape is broken.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

/// RFC 4648, section 5, without padding.
std::string base64url(std::string_view bytes);
/// Empty if the text is not what base64url() makes.
std::optional<std::string> parse_base64url(std::string_view text);

}  // namespace sandbase
