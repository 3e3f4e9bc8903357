// SPDX-License-Identifier: Apache-2.0
// Members of objects that somebody else wrote: whatever is not there, or is something else, reads as empty.
#pragma once

#include "events/json/json_text.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sandbase::json {

/// Nothing if `v` is no object, or has no such member of this kind.
inline std::optional<value> member(const value& v, std::string_view name, kind k) {
  if (!v.is(kind::object)) return std::nullopt;
  auto found = v.find(name);
  return found && found->is(k) ? found : std::nullopt;
}

inline std::string text_member(const value& v, std::string_view name) {
  const auto found = member(v, name, kind::string);
  return found ? found->as_string() : "";
}

/// 0 for what is no whole number.
inline std::int64_t number_member(const value& v, std::string_view name) {
  const auto found = member(v, name, kind::number);
  return found ? found->as_int().value_or(0) : 0;
}

/// Of an object within the object.
inline std::string text_member(const value& v, std::string_view outer, std::string_view name) {
  const auto inner = member(v, outer, kind::object);
  return inner ? text_member(*inner, name) : "";
}
inline std::int64_t number_member(const value& v, std::string_view outer, std::string_view name) {
  const auto inner = member(v, outer, kind::object);
  return inner ? number_member(*inner, name) : 0;
}

/// f(element) for each; none if there is no such array.
template <class F>
void for_each_in(const value& v, std::string_view name, F&& f) {
  if (const auto found = member(v, name, kind::array))
    found->for_each_element([&](std::size_t, const value& element) { f(element); });
}

}  // namespace sandbase::json
