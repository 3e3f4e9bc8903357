// SPDX-License-Identifier: Apache-2.0
// Objects as an answer shows them, made of objects as a request gives them.
#pragma once

#include "events/json/json_text.hpp"

#include <span>
#include <string>
#include <string_view>

namespace sandbase::json {

/// A member's name and JSON.
struct member_text {
  std::string_view name;
  std::string text;
};

/// `object` with each of `defaults` that it does not have, or has as null. The order of what it has stays.
/// @pre `object` is one
std::string with_defaults(const value& object, std::span<const member_text> defaults);
/// The same, and with each of `replaced` in place of what it has, or behind that.
std::string with_members(const value& object, std::span<const member_text> replaced);

}  // namespace sandbase::json
