// SPDX-License-Identifier: Apache-2.0
// Breaks text into lines that fit.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sandbase {

/// Lines of at most `columns`, broken at spaces where there are any, else within the word. Line feeds of the
/// text end lines too. An empty text is one empty line.
/// @pre printable() made `text`; columns > 0
std::vector<std::string> fold(std::string_view text, std::size_t columns);

}  // namespace sandbase
