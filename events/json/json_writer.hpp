// SPDX-License-Identifier: Apache-2.0
// Writes one JSON object, member by member, onto the end of a string.
#pragma once

#include "events/json/json_text.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sandbase::json {

/// The object is open from construction to close(). Nested ones:
/// member_name(), then another writer on the same string.
class object_writer {
 public:
  explicit object_writer(std::string& out) : out_(out) { out_ += '{'; }

  /// The name and colon; the caller appends the value.
  std::string& member_name(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    append_string(out_, name);
    out_ += ':';
    return out_;
  }
  void text(std::string_view name, std::string_view value) { append_string(member_name(name), value); }
  void text_or_null(std::string_view name, const std::optional<std::string>& value) {
    if (value)
      text(name, *value);
    else
      raw(name, "null");
  }
  void number(std::string_view name, std::int64_t value) { member_name(name) += std::to_string(value); }
  void boolean(std::string_view name, bool value) { raw(name, value ? "true" : "false"); }
  /// `json` as it is.
  void raw(std::string_view name, std::string_view json) { member_name(name) += json; }
  void close() { out_ += '}'; }

 private:
  std::string& out_;
  bool first_ = true;
};

/// `[…]` of what f(element) appends to `out` for each element.
template <class Range, class F>
void append_array(std::string& out, const Range& elements, F&& f) {
  out += '[';
  bool first = true;
  for (const auto& element : elements) {
    if (!first) out += ',';
    first = false;
    f(element);
  }
  out += ']';
}

inline std::string compact(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  append_compact(out, text);
  return out;
}

}  // namespace sandbase::json
