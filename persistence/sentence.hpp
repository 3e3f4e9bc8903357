// SPDX-License-Identifier: Apache-2.0
// Puts messages together from words and numbers.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace sandbase {

namespace detail {
inline void append_word(std::string& out, std::string_view word) { out.append(word); }
inline void append_word(std::string& out, std::integral auto number) { out.append(std::to_string(number)); }
}  // namespace detail

/// `sentence("segment ", 3, " is damaged")`
template <class... Words>
std::string sentence(const Words&... words) {
  std::string out;
  (detail::append_word(out, words), ...);
  return out;
}

}  // namespace sandbase
