// SPDX-License-Identifier: Apache-2.0
#include "config/option_file.hpp"

#include "events/base/ascii.hpp"
#include "events/base/utf8.hpp"
#include "events/json/json_text.hpp"
#include "http/wire/text.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <toml++/toml.h>
#include <utility>

namespace sandbase {
namespace {

failure bad_line(std::size_t number, std::string_view what) {
  return {errc::invalid, fmt::format("line {}: {}", number, what)};
}

/// Of the line in which `text` ends, counted from 1.
std::size_t number_of_line(std::string_view text) {
  return 1 + static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

bool is_key_char(char c) { return is_letter_or_digit(c) || c == '_' || c == '-'; }

/// Adds a step to a path of tables.
std::string join(const std::string& path, std::string_view name) {
  const bool is_bare = !name.empty() && std::ranges::all_of(name, is_key_char);
  return (path.empty() ? "" : path + ".") + (is_bare ? std::string{name} : quoted_for_file(name));
}

/// The text of a single value, if an option can take it.
std::optional<std::string> text_of(const toml::node& value) {
  if (const auto* text = value.as_string()) return text->get();
  if (const auto* number = value.as_integer()) return std::to_string(number->get());
  if (const auto* flag = value.as_boolean()) return flag->get() ? "true" : "false";
  return std::nullopt;
}

/// The key or table that the line with this number is about, if that can be told. Its value may be a secret.
std::string_view subject_of_line(std::string_view text, std::size_t number) {
  for (; number > 1 && !text.empty(); --number)
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  const auto end = std::ranges::find_if_not(
      text, [](char c) { return is_key_char(c) || c == '.' || c == '[' || c == ']' || c == ' '; });
  if (end != text.end() && *end != '=' && *end != '\r' && *end != '\n') return {};
  return trim(text.substr(0, static_cast<std::size_t>(end - text.begin())));
}

class entry_list {
 public:
  result<std::vector<file_entry>> take(const toml::table& file) && {
    add_table("", file);
    // Tables are sorted by name.
    std::ranges::sort(found_, {}, &found::place);
    std::vector<file_entry> entries;
    for (auto& [place, entry, is_good] : found_) {
      if (!is_good)
        return bad_line(
            entry.line,
            entry.key + " takes strings in quotes, whole numbers, true or false, or a list of these");
      entries.push_back(std::move(entry));
    }
    return entries;
  }

 private:
  struct found {
    /// Line and column.
    std::pair<std::size_t, std::size_t> place;
    file_entry entry;
    bool is_good;
  };

  void add_table(const std::string& path, const toml::table& table) {
    for (const auto& [key, value] : table) {
      const auto& at = key.source().begin;
      auto name = join(path, key.str());
      if (const auto* inner = value.as_table()) {
        add_table(name, *inner);
        continue;
      }
      found one{{at.line, at.column}, {std::move(name), {}, value.is_array(), at.line}, true};
      const auto add = [&one](const toml::node& single) {
        auto text = text_of(single);
        one.is_good = one.is_good && text;
        one.entry.values.push_back(std::move(text).value_or(""));
      };
      if (const auto* list = value.as_array())
        std::ranges::for_each(*list, add);
      else
        add(value);
      found_.push_back(std::move(one));
    }
  }

  std::vector<found> found_;
};

}  // namespace

result<std::vector<file_entry>> parse_option_file(std::string_view text) try {
  // The library looks ahead, and would name the line where it stood.
  if (const auto bad = find_bad_utf8(text); bad != std::string_view::npos)
    return bad_line(number_of_line(text.substr(0, bad)), "not UTF-8");
  return entry_list{}.take(toml::parse(text));
} catch (const toml::parse_error& error) {
  const auto number = error.source().begin.line;
  std::string what{error.description()};
  // It goes on behind the number.
  if (!what.empty()) what.front() = lower_case(what.front());
  const auto subject = subject_of_line(text, number);
  return bad_line(number, subject.empty() ? what : fmt::format("{}: {}", subject, what));
}

std::string quoted_for_file(std::string_view text) {
  std::string quoted;
  for (const char c : json::quoted(text)) {
    if (c == '\x7f')
      quoted += "\\u007f";
    else
      quoted += c;
  }
  return quoted;
}

}  // namespace sandbase
