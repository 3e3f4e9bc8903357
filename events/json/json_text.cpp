// SPDX-License-Identifier: Apache-2.0
#include "events/json/json_text.hpp"

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

int hex_value(char c) {
  if (c <= '9') return c - '0';
  return (c | 0x20) - 'a' + 10;
}

std::uint32_t four_hex_digits(std::string_view text, std::size_t pos) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 4 | static_cast<std::uint32_t>(hex_value(text[pos + i]));
  return value;
}

void append_utf8(std::string& out, std::uint32_t c) {
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xc0 | c >> 6);
    put(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    put(0xe0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3f));
    put(0x80 | (c & 0x3f));
  } else {
    put(0xf0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3f));
    put(0x80 | (c >> 6 & 0x3f));
    put(0x80 | (c & 0x3f));
  }
}

/// Appends what the escape at `pos` (its backslash) stands for. @returns one past it
std::size_t append_unescaped(std::string& out, std::string_view text, std::size_t pos) {
  const char c = text[pos + 1];
  pos += 2;
  switch (c) {
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
      auto point = four_hex_digits(text, pos);
      pos += 4;
      if (point >= 0xd800 && point < 0xdc00) {  // validation saw to it that the other half follows
        point = 0x10000 + ((point - 0xd800) << 10) + (four_hex_digits(text, pos + 2) - 0xdc00);
        pos += 6;
      }
      append_utf8(out, point);
      break;
    }
    default:
      out += c;  // one of " \ /
  }
  return pos;
}

}  // namespace

namespace detail {

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
  constexpr std::string_view hex = "0123456789abcdef";
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
        if (const auto byte = static_cast<unsigned char>(c); byte < 0x20) {
          out += "\\u00";
          out += hex[byte >> 4];
          out += hex[byte & 15];
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
