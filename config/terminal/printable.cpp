// SPDX-License-Identifier: Apache-2.0
#include "config/terminal/printable.hpp"

#include "events/base/utf8.hpp"

#include <clocale>
#include <cwchar>
#include <fmt/core.h>
#include <locale.h>

namespace sandbase {
namespace {

/// Widths are a matter of the locale to the C library; this one is built into it.
class utf8_locale {
 public:
  utf8_locale() : made_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {}
  utf8_locale(const utf8_locale&) = delete;
  utf8_locale& operator=(const utf8_locale&) = delete;
  ~utf8_locale() {
    if (made_ != nullptr) ::freelocale(made_);
  }

  std::size_t width(char32_t c) const {
    if (made_ == nullptr) return 1;
    const auto before = ::uselocale(made_);
    const int columns = ::wcwidth(static_cast<wchar_t>(c));
    ::uselocale(before);
    return columns < 0 ? 1 : static_cast<std::size_t>(columns);
  }

 private:
  locale_t made_;
};

/// @pre a well-formed character
char32_t decode(std::string_view bytes) {
  const auto byte = [&](std::size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(bytes[i]));
  };
  if (bytes.size() == 1) return byte(0);
  auto c = byte(0) & (0x7fu >> bytes.size());
  for (std::size_t i = 1; i < bytes.size(); ++i) c = c << 6 | (byte(i) & 0x3f);
  return c;
}

bool is_harmless(char32_t c) {
  if (c < 0x20 || (c >= 0x7f && c < 0xa0)) return false;
  const bool turns = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x061c ||
                     c == 0x200e || c == 0x200f;
  return !turns && c != 0x2028 && c != 0x2029;
}

/// Calls f(its bytes, the character); bytes of none come alone, as a zero.
template <class F>
void for_each_character(std::string_view text, F&& f) {
  while (!text.empty()) {
    const auto size = first_character_size(text);
    const auto bytes = text.substr(0, size == 0 ? 1 : size);
    if (!f(bytes, size == 0 ? U'\0' : decode(bytes))) return;
    text.remove_prefix(bytes.size());
  }
}

std::size_t width_of(char32_t c) {
  static const utf8_locale locale;
  return c >= 0x20 && c < 0x7f ? 1 : locale.width(c);
}

}  // namespace

std::string printable(std::string_view text, spaces how) {
  std::string out;
  out.reserve(text.size());
  for_each_character(text, [&](std::string_view bytes, char32_t c) {
    if (c == U'\n' && how == spaces::keep_lines)
      out += '\n';
    else if (c == U'\n' || c == U'\t')
      out += ' ';
    else if (is_harmless(c))
      out += bytes;
    else if (c != U'\r')
      out += '?';
    return true;
  });
  return out;
}

std::string escape_for_terminal(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for_each_character(json, [&](std::string_view bytes, char32_t c) {
    if (is_harmless(c))
      out += bytes;
    else
      out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(c));
    return true;
  });
  return out;
}

std::size_t display_width(std::string_view text) {
  std::size_t columns = 0;
  for_each_character(text, [&](std::string_view, char32_t c) {
    columns += width_of(c);
    return true;
  });
  return columns;
}

std::string cut_to_width(std::string_view text, std::size_t columns) {
  if (columns == 0) return "";
  std::size_t taken = 0;
  std::size_t bytes_that_fit = 0;
  std::size_t bytes = 0;
  bool fits = true;
  for_each_character(text, [&](std::string_view character, char32_t c) {
    taken += width_of(c);
    if (taken > columns) return fits = false;
    bytes += character.size();
    // One column is left for the sign that something is missing.
    if (taken < columns) bytes_that_fit = bytes;
    return true;
  });
  return fits ? std::string{text} : std::string{text.substr(0, bytes_that_fit)} + "…";
}

}  // namespace sandbase
