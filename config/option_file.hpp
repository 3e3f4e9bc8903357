// SPDX-License-Identifier: Apache-2.0
// The option file: TOML 1.0, of which options take strings, integers, booleans and lists of these. Everything
// else is refused with its line, nothing is skipped in silence.
#pragma once

#include "events/base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sandbase {

struct file_entry {
  /// With its table: `http.listen`. A part that is no bare key stands in quotes: `a."b.c"`.
  std::string key;
  /// Strings decoded, integers in decimal digits.
  std::vector<std::string> values;
  bool is_array = false;
  /// Where the key stands; counted from 1.
  std::size_t line = 0;
};

/// The entries in the order of the text. Failure `invalid`: `line 12: …`.
/// A key that is given twice is refused.
result<std::vector<file_entry>> parse_option_file(std::string_view text);

/// As a string of the file. Its escapes are JSON's, and DEL must have one too (TOML 1.0, String).
std::string quoted_for_file(std::string_view text);

}  // namespace sandbase
