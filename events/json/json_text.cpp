// SPDX-License-Identifier: Apache-2.0
#include "events/json/json_text.hpp"

#include "events/base/hex.hpp"
#include "events/base/utf8.hpp"
#include "events/json/line_breaks.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cstring>

namespace sandbase::json {

namespace {

constexpr bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

/// One past the closing quote of the string whose opening quote stands at `pos`.
std::size_t skip_string(std::string_view text, std::size_t pos) {
  for (auto from = pos + 1;;) {
    const auto quote = text.find('"', from);
    assert(quote != std::string_view::npos);
    // The quote ends the string unless an odd number of backslashes stands before it.
    auto run = quote;
    while (run > from && text[run - 1] == '\\') --run;
    if ((quote - run) % 2 == 0) return quote + 1;
    from = quote + 1;
  }
}

/// Appends what the escape at `pos` (its backslash) stands for. @returns one past it
std::size_t append_unescaped(std::string& out, std::string_view text, std::size_t pos) {
  switch (const char c = text[pos + 1]) {
    case 'b':
      out += '\b';
      break;
    case 'f':
      out += '\f';
      break;
    case 'n':
      out += '\n';
      break;
    case 'r':
      out += '\r';
      break;
    case 't':
      out += '\t';
      break;
    case 'u': {
      auto point = detail::code_unit(text, pos);
      pos += detail::escape_size;
      if (detail::leads_pair(point)) {  // validation saw to it that the other half follows
        point = 0x10000 + ((point - 0xd800) << 10) + (detail::code_unit(text, pos) - 0xdc00);
        pos += detail::escape_size;
      }
      append_utf8(out, static_cast<char32_t>(point));
      return pos;
    }
    default:
      out += c;  // one of " \ /
  }
  return pos + 2;
}

}  // namespace

namespace detail {

int code_unit(std::string_view text, std::size_t pos) {
  if (text.size() < pos + escape_size || text[pos] != '\\' || text[pos + 1] != 'u') return -1;
  int unit = 0;
  for (const char c : text.substr(pos + 2, escape_size - 2)) {
    const int value = hex_value(c);
    if (value < 0) return -1;
    unit = unit << 4 | value;
  }
  return unit;
}

std::size_t skip_space(std::string_view text, std::size_t pos) {
  while (pos < text.size() && is_space(text[pos])) ++pos;
  return pos;
}

std::size_t skip_value(std::string_view text, std::size_t pos) {
  switch (text[pos]) {
    case '"':
      return skip_string(text, pos);
    case '{':
    case '[': {
      for (std::size_t depth = 0;;) {
        switch (text[pos]) {
          case '"':
            pos = skip_string(text, pos);
            continue;
          case '{':
          case '[':
            ++depth;
            break;
          case '}':
          case ']':
            if (--depth == 0) return pos + 1;
            break;
          default:
            break;
        }
        ++pos;
      }
    }
    default:
      while (pos < text.size() && !is_space(text[pos]) && text[pos] != ',' && text[pos] != '}' &&
             text[pos] != ']')
        ++pos;
      return pos;
  }
}

std::string decode_string(std::string_view quoted) {
  const auto inner = quoted.substr(1, quoted.size() - 2);
  auto escape = inner.find('\\');
  if (escape == std::string_view::npos) return std::string{inner};
  std::string out;
  out.reserve(inner.size());
  std::size_t pos = 0;
  for (; escape != std::string_view::npos; escape = inner.find('\\', pos)) {
    out.append(inner.substr(pos, escape - pos));
    pos = append_unescaped(out, inner, escape);
  }
  out.append(inner.substr(pos));
  return out;
}

}  // namespace detail

value::value(std::string_view text) {
  const auto begin = detail::skip_space(text, 0);
  auto end = text.size();
  while (end > begin && is_space(text[end - 1])) --end;
  text_ = text.substr(begin, end - begin);
  assert(!text_.empty());
}

kind value::type() const {
  switch (text_.front()) {
    case 'n':
      return kind::null;
    case 't':
    case 'f':
      return kind::boolean;
    case '"':
      return kind::string;
    case '[':
      return kind::array;
    case '{':
      return kind::object;
    default:
      return kind::number;
  }
}

std::string value::as_string() const { return detail::decode_string(text_); }

std::optional<std::int64_t> value::as_int() const {
  std::int64_t number = 0;
  const auto* const end = text_.data() + text_.size();
  const auto parsed = std::from_chars(text_.data(), end, number);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return number;
}

std::optional<value> value::find(std::string_view key) const {
  std::optional<value> found;
  for_each_member([&](std::string_view, std::string_view k, const value& v) {
    if (k == key) found = v;
    return !found;
  });
  return found;
}

std::size_t value::count() const {
  std::size_t n = 0;
  if (is(kind::array))
    for_each_element([&](std::size_t, const value&) { ++n; });
  else
    for_each_member([&](std::string_view, std::string_view, const value&) { ++n; });
  return n;
}

void append_compact(std::string& out, std::string_view text) {
  std::size_t run = 0;  // start of what is not appended yet
  for (std::size_t pos = 0; pos < text.size();) {
    if (text[pos] == '"') {
      pos = skip_string(text, pos);
    } else if (is_space(text[pos])) {
      out.append(text.substr(run, pos - run));
      pos = run = detail::skip_space(text, pos);
    } else {
      ++pos;
    }
  }
  out.append(text.substr(run));
}

void append_string(std::string& out, std::string_view s) {
  out += '"';
  for (std::size_t i = 0; i < s.size(); ++i) {
    const char c = s[i];
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\xc2':
      case '\xe2':
        if (const auto escape = line_break_escape(s, i); !escape.empty()) {
          out += escape;
          i += line_break_size(escape) - 1;
        } else {
          out += c;
        }
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\\u00";
          append_hex(out, c);
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

std::string quoted(std::string_view s) {
  std::string out;
  out.reserve(s.size() + 2);
  append_string(out, s);
  return out;
}

}  // namespace sandbase::json
