// SPDX-License-Identifier: Apache-2.0
// The fields of a log line between the caller and the formatter: behind the words, each as
// `\x1F name = text` or `\x1F name : number`, without the spaces.
#pragma once

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <type_traits>

namespace sandbase {

/// A line as it is built: short ones take no memory from the heap.
using log_text = fmt::memory_buffer;

constexpr char log_field_mark = '\x1F';
constexpr char log_text_mark = '=';
constexpr char log_number_mark = ':';

/// Longer texts are cut.
constexpr std::size_t max_log_field_bytes = 512;

/// Holds what it is given only for the call. `name`: letters, digits and underscores.
template <class T>
struct log_field {
  std::string_view name;
  const T& value;
};

template <class T>
log_field<T> field(std::string_view name, const T& value) {
  return {name, value};
}

/// An empty text is left out. Control characters become `?`, so that no text can end its field or its line.
template <class T>
void append_field(log_text& line, const log_field<T>& f) {
  if constexpr (!std::is_arithmetic_v<T>)
    if (std::string_view{f.value}.empty()) return;
  line.push_back(log_field_mark);
  line.append(f.name.data(), f.name.data() + f.name.size());
  if constexpr (std::is_arithmetic_v<T>) {
    line.push_back(log_number_mark);
    if constexpr (std::is_floating_point_v<T>)
      fmt::format_to(std::back_inserter(line), "{:.3f}", f.value);
    else
      fmt::format_to(std::back_inserter(line), "{}", f.value);
  } else {
    line.push_back(log_text_mark);
    const auto text = std::string_view{f.value}.substr(0, max_log_field_bytes);
    std::replace_copy_if(
        text.begin(), text.end(), std::back_inserter(line),
        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, '?');
  }
}

/// What stands in front of the fields.
inline std::string_view words_of(std::string_view line) { return line.substr(0, line.find(log_field_mark)); }

/// Calls f(name, value, is_number) for each field.
template <class F>
void for_each_field(std::string_view line, F&& f) {
  line.remove_prefix(words_of(line).size());
  while (!line.empty()) {
    line.remove_prefix(1);
    const auto part = line.substr(0, line.find(log_field_mark));
    line.remove_prefix(part.size());
    const auto mark = std::min(part.find_first_of("=:"), part.size());
    f(part.substr(0, mark), part.substr(std::min(mark + 1, part.size())),
      mark < part.size() && part[mark] == log_number_mark);
  }
}

}  // namespace sandbase
