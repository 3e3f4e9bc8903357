// SPDX-License-Identifier: Apache-2.0
// The part of TOML 1.0 that a flat option file needs: [tables], bare and
// dotted keys, strings, integers, booleans and arrays of these, comments.
// Everything else is refused with its line, nothing is skipped in silence.
#pragma once

#include "events/base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sandbase {

struct toml_entry {
  /// With its table: `http.listen`.
  std::string key;
  /// Strings decoded, anything else as written.
  std::vector<std::string> values;
  bool is_array = false;
  /// Counted from 1.
  std::size_t line = 0;
};

/// The entries in the order of the text. Failure `invalid`: `line 12: …`.
/// A key that is given twice is refused.
result<std::vector<toml_entry>> parse_toml(std::string_view text);

}  // namespace sandbase
