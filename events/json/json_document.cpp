// SPDX-License-Identifier: Apache-2.0
#include "events/json/json_document.hpp"

#include "events/json/field_path.hpp"
#include "events/json/json_validate.hpp"
#include "events/json/line_breaks.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase::json {

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

using detail::code_unit;
using detail::ends_pair;
using detail::escape_size;
using detail::leads_pair;

/// A text whose halves of surrogate pairs are `\ufffd`; nothing moves.
struct mended_text {
  std::string text;
  /// Where the first half stands that is part of a member's name.
  std::optional<std::size_t> in_name;
};

/// Walks over the escapes of a text that need not be valid. None if there is no half.
std::optional<mended_text> mend_halves(std::string_view text) {
  std::optional<mended_text> mended;
  // Of the string that was looked at last, which a half stands in: where it ends, and whether it is a name.
  std::size_t string_end = 0;
  bool is_name = false;
  const auto look_at_string = [&](std::size_t pos) {
    while (pos < text.size() && text[pos] != '"') pos += text[pos] == '\\' ? 2 : 1;
    string_end = std::min(pos, text.size());
    const auto next = text.find_first_not_of(" \t\r\n", std::min(string_end + 1, text.size()));
    is_name = next != std::string_view::npos && text[next] == ':';
  };
  for (auto pos = text.find('\\'); pos < text.size(); pos = text.find('\\', pos)) {
    const auto unit = code_unit(text, pos);
    if (!leads_pair(unit) && !ends_pair(unit)) {
      pos += 2;
    } else if (leads_pair(unit) && ends_pair(code_unit(text, pos + escape_size))) {
      pos += 2 * escape_size;
    } else {
      if (!mended) mended = mended_text{std::string{text}, std::nullopt};
      mended->text.replace(pos, escape_size, "\\ufffd");
      if (pos >= string_end) look_at_string(pos);
      if (is_name && !mended->in_name) mended->in_name = pos;
      pos += escape_size;
    }
  }
  return mended;
}

/// Adds the steps from `v` to the object with the name that holds the byte at `at`.
void append_way_to(std::string& path, const value& v, const char* at) {
  const auto holds = [at](std::string_view part) {
    return at >= part.data() && at < part.data() + part.size();
  };
  if (v.is(kind::object))
    v.for_each_member([&](std::string_view, std::string_view key, const value& member) {
      if (!holds(member.text())) return true;
      append_member(path, key);
      append_way_to(path, member, at);
      return false;
    });
  if (v.is(kind::array))
    v.for_each_element([&](std::size_t index, const value& element) {
      if (!holds(element.text())) return true;
      append_index(path, index);
      append_way_to(path, element, at);
      return false;
    });
}

/// @pre the text is valid
failure half_in_name(const mended_text& mended, std::string_view root) {
  std::string path{root};
  append_way_to(path, value{mended.text}, mended.text.data() + *mended.in_name);
  return invalid_at(field_path{path},
                    fmt::format("half of a surrogate pair in a name at byte {}", *mended.in_name));
}

}  // namespace

result<document> document::read(std::string_view text, std::string_view path, line_breaks breaks,
                                checker check) {
  document d{text};
  if (auto valid = check(text, path); !valid) {
    // The validator stops at a half. Whatever else is wrong is still wrong in the mended text.
    auto mended = mend_halves(text);
    if (!mended) return std::move(valid).error();
    if (auto now_valid = check(mended->text, path); !now_valid) return std::move(now_valid).error();
    if (mended->in_name) return half_in_name(*mended, path);
    d.changed_ = std::move(mended->text);
  }
  if (breaks == line_breaks::escaped)
    if (auto escaped = escape_line_breaks(d.text())) d.changed_ = std::move(escaped);
  return d;
}

result<document> document::read(std::string_view text, std::string_view path, line_breaks breaks) {
  return read(text, path, breaks, &json::validate);
}

result<document> document::read_wrapped(std::string_view text, std::string_view path, line_breaks breaks) {
  return read(text, path, breaks, &json::validate_wrapped);
}

result<document> document::read_body(std::string_view body) { return read(skip_byte_order_mark(body)); }

std::string_view skip_byte_order_mark(std::string_view text) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  return text;
}

}  // namespace sandbase::json
