// SPDX-License-Identifier: Apache-2.0
// JSON as it came from outside: checked, and brought into the form in which this service keeps text.
#pragma once

#include "events/base/result.hpp"
#include "events/json/json_text.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sandbase::json {

/// What becomes of line breaks that stand raw in strings (events/json/line_breaks.hpp).
enum class line_breaks : std::uint8_t {
  escaped,
  /// For a log whose hash chain was made over the bytes as they are.
  kept,
};

/// A valid JSON text. Of what it was read from it differs at most in this: line breaks are escaped, and half
/// of a surrogate pair that was written as an escape, which no reader can decode, is `\ufffd`.
class document {
 public:
  /// Checks as validate() does, and refuses halves of surrogate pairs in names. The text that is read must
  /// outlive the document. Time: where nothing has to be changed hardly more than validate().
  static result<document> read(std::string_view text, std::string_view path = {},
                               line_breaks breaks = line_breaks::escaped);
  /// The same with room for one more level of nesting, as validate_wrapped().
  static result<document> read_wrapped(std::string_view text, std::string_view path = {},
                                       line_breaks breaks = line_breaks::escaped);
  /// A request's body: a byte order mark in front of it is passed over.
  static result<document> read_body(std::string_view body);

  std::string_view text() const { return changed_ ? *changed_ : given_; }
  value root() const { return value{text()}; }

 private:
  using checker = result<void> (*)(std::string_view text, std::string_view path);
  static result<document> read(std::string_view text, std::string_view path, line_breaks breaks,
                               checker check);

  explicit document(std::string_view given) : given_(given) {}

  std::string_view given_;
  /// Where it differs from that.
  std::optional<std::string> changed_;
};

/// `text` behind the byte order mark of UTF-8, if it begins with one.
std::string_view skip_byte_order_mark(std::string_view text);

}  // namespace sandbase::json
