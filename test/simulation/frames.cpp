// SPDX-License-Identifier: Apache-2.0
#include "test/simulation/frames.hpp"

#include <charconv>

namespace sandbase::sim {

namespace {

/// Past the JSON value that begins at `at`.
std::size_t skip_value(std::string_view text, std::size_t at) {
  int depth = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') {
      for (++at; at < text.size() && text[at] != '"'; ++at)
        if (text[at] == '\\') ++at;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth == 0) return at;
      --depth;
    } else if (depth == 0 && c == ',') {
      return at;
    }
  }
  return at;
}

}  // namespace

std::optional<sse_frame> sse_reader::next() {
  const auto end = text_.find("\n\n", at_);
  if (end == text_.npos) {
    text_.erase(0, at_);
    at_ = 0;
    return std::nullopt;
  }
  sse_frame frame;
  bool any_field = false;
  auto rest = std::string_view{text_}.substr(at_, end + 1 - at_);
  at_ = end + 2;
  while (!rest.empty()) {
    const auto eol = rest.find('\n');
    const auto line = rest.substr(0, eol);
    rest.remove_prefix(eol + 1);
    if (line.starts_with(':')) continue;
    any_field = true;
    if (line.starts_with("event: ")) frame.event = line.substr(7);
    if (line.starts_with("id: ")) frame.id = line.substr(4);
    if (line.starts_with("data: ")) frame.data = line.substr(6);
  }
  frame.only_comment = !any_field;
  return frame;
}

std::string_view member(std::string_view object, std::string_view name) {
  for (std::size_t at = 1; at < object.size();) {
    const auto key_end = object.find('"', at + 1);
    if (object[at] != '"' || key_end == object.npos) return {};
    const auto key = object.substr(at + 1, key_end - at - 1);
    const auto value = key_end + 2;
    const auto end = skip_value(object, value);
    if (key == name) return object.substr(value, end - value);
    at = end + 1;
  }
  return {};
}

std::string_view text_member(std::string_view object, std::string_view name) {
  const auto value = member(object, name);
  return value.size() < 2 || value.front() != '"' ? std::string_view{} : value.substr(1, value.size() - 2);
}

std::uint64_t number_member(std::string_view object, std::string_view name) {
  const auto value = member(object, name);
  std::uint64_t n = 0;
  std::from_chars(value.data(), value.data() + value.size(), n);
  return n;
}

std::vector<std::string_view> elements(std::string_view array) {
  std::vector<std::string_view> all;
  for (std::size_t at = 1; at + 1 < array.size();) {
    const auto end = skip_value(array, at);
    all.push_back(array.substr(at, end - at));
    at = end + 1;
  }
  return all;
}

}  // namespace sandbase::sim
