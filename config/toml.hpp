// The part of TOML 1.0 that a flat option file needs: [tables], bare and dotted keys, strings, integers,
// booleans and arrays of these, comments. Everything else is refused with its line, nothing is skipped in
// silence.
#pragma once

#include "events/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sandbase {

struct toml_entry {
  std::string key;                  ///< with its table: `http.listen`
  std::vector<std::string> values;  ///< strings decoded, anything else as written
  bool is_array = false;
  std::size_t line = 0;  ///< counted from 1
};

/// The entries in the order of the text. Failure `invalid`: `line 12: …`. A key that is given twice is
/// refused.
result<std::vector<toml_entry>> parse_toml(std::string_view text);

}  // namespace sandbase
