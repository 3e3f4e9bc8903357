// SPDX-License-Identifier: Apache-2.0
// Bytes as hexadecimal digits, two a byte (RFC 4648, section 8). What is written is lower case.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sandbase {

/// 0 to 15, of a digit of either case; -1 for any other character.
constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Two digits.
void append_hex(std::string& out, char byte);
std::string to_hex(std::string_view bytes);

/// Empty unless `text` is what to_hex() makes: upper case is another spelling.
std::optional<std::string> parse_hex(std::string_view text);

}  // namespace sandbase
