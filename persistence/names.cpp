// SPDX-License-Identifier: Apache-2.0
#include "persistence/names.hpp"

#include "events/base/ascii.hpp"
#include "events/base/utf8.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase {

result<void> check_name(std::string_view field, std::string_view name) {
  constexpr std::size_t max_size = 128;
  if (name.empty()) return {errc::invalid, fmt::format("{} must not be empty", field)};
  if (name.size() > max_size)
    return {errc::invalid, fmt::format("{} must have at most {} bytes", field, max_size)};
  if (!is_utf8(name)) return {errc::invalid, fmt::format("{} must be UTF-8", field)};
  if (std::ranges::any_of(name, is_control))
    return {errc::invalid, fmt::format("{} must not contain control characters", field)};
  return {};
}

}  // namespace sandbase
