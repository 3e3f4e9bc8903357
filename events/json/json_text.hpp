// SPDX-License-Identifier: Apache-2.0
// JSON as text: validation by Boost.JSON's streaming parser, then walking over the valid text without
// changing a byte of it (numbers keep their digits, strings their escapes).
#pragma once

#include "events/base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace sandbase::json {

inline constexpr std::size_t max_depth = 64;

/// Checks that `text` is one JSON value (RFC 8259) with valid UTF-8, no duplicate keys
/// and nesting of at most max_depth. Numbers may have any size. A failure is `invalid`,
/// names the path (`events[2].content`, below `path` if given; `body` for the whole)
/// and what is wrong there. Time: linear but for sorting the keys of large objects.
result<void> validate(std::string_view text, std::string_view path = {});

enum class kind { null, boolean, number, string, array, object };

/// A value inside validated text. Views stay valid as long as the text.
/// Everything here: @pre the text passed validate()
class value {
 public:
  /// Skips white space around.
  explicit value(std::string_view text);

  kind type() const;
  std::string_view text() const { return text_; }
  bool is(kind k) const { return type() == k; }

  /// The string with escapes decoded. @pre is(kind::string)
  std::string as_string() const;
  /// @pre is(kind::boolean)
  bool as_bool() const { return text_.front() == 't'; }
  /// The number if it is written as an integer (no fraction, no exponent) that fits. @pre is(kind::number)
  std::optional<std::int64_t> as_int() const;

  /// The member's value, by its decoded key. @pre is(kind::object)
  std::optional<value> find(std::string_view key) const;

  /// Calls f(key_text, key, value) for each member in order: key_text with its quotes, key decoded. If f
  /// returns a bool, false stops the walk. @pre is(kind::object)
  template <class F>
  void for_each_member(F&& f) const;
  /// Calls f(index, value) for each element; a bool as above. @pre is(kind::array)
  template <class F>
  void for_each_element(F&& f) const;
  /// Elements or members.
  std::size_t count() const;

 private:
  std::string_view text_;
};

/// Appends `text` to `out` without the white space between tokens.
void append_compact(std::string& out, std::string_view text);
/// Appends `s` as a JSON string with quotes; escaped is what must be, and line breaks
/// (events/json/line_breaks.hpp).
/// @pre `s` is valid UTF-8
void append_string(std::string& out, std::string_view s);
std::string quoted(std::string_view s);

namespace detail {
/// The end of the value that starts at `pos`. @pre valid text
std::size_t skip_value(std::string_view text, std::size_t pos);
std::size_t skip_space(std::string_view text, std::size_t pos);
std::string decode_string(std::string_view quoted);

inline constexpr std::size_t escape_size = 6;  // \ud83d
/// The UTF-16 code unit of the `\u` escape at `pos`, in any text; -1 if none stands there.
int code_unit(std::string_view text, std::size_t pos);
/// Whether it is the first, or the second, half of a surrogate pair.
constexpr bool leads_pair(int unit) { return unit >= 0xd800 && unit <= 0xdbff; }
constexpr bool ends_pair(int unit) { return unit >= 0xdc00 && unit <= 0xdfff; }

/// f(args…), taken as "go on" unless it returns false.
template <class F, class... Args>
bool goes_on(F& f, Args&&... args) {
  if constexpr (std::is_same_v<std::invoke_result_t<F&, Args...>, bool>) {
    return f(std::forward<Args>(args)...);
  } else {
    f(std::forward<Args>(args)...);
    return true;
  }
}
}  // namespace detail

template <class F>
void value::for_each_member(F&& f) const {
  std::size_t pos = detail::skip_space(text_, 1);
  while (text_[pos] != '}') {
    const auto key_end = detail::skip_value(text_, pos);
    const auto key_text = text_.substr(pos, key_end - pos);
    pos = detail::skip_space(text_, detail::skip_space(text_, key_end) + 1);  // over ':'
    const auto end = detail::skip_value(text_, pos);
    if (!detail::goes_on(f, key_text, detail::decode_string(key_text), value{text_.substr(pos, end - pos)}))
      return;
    pos = detail::skip_space(text_, end);
    if (text_[pos] == ',') pos = detail::skip_space(text_, pos + 1);
  }
}

template <class F>
void value::for_each_element(F&& f) const {
  std::size_t pos = detail::skip_space(text_, 1);
  std::size_t index = 0;
  while (text_[pos] != ']') {
    const auto end = detail::skip_value(text_, pos);
    if (!detail::goes_on(f, index++, value{text_.substr(pos, end - pos)})) return;
    pos = detail::skip_space(text_, end);
    if (text_[pos] == ',') pos = detail::skip_space(text_, pos + 1);
  }
}

}  // namespace sandbase::json
