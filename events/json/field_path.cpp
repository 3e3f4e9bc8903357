// SPDX-License-Identifier: Apache-2.0
#include "events/json/field_path.hpp"

#include "events/base/ascii.hpp"
#include "events/base/utf8.hpp"
#include "events/json/json_text.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase {

namespace {

constexpr std::size_t max_shown = 64;

bool is_name_char(char c) { return is_letter_or_digit(c) || c == '_' || c == '-'; }

}  // namespace

std::string quoted_for_message(std::string_view text) {
  if (text.size() <= max_shown) return json::quoted(text);
  return json::quoted(fmt::format("{}…", cut_text(text, max_shown)));
}

void append_member(std::string& path, std::string_view key) {
  if (!key.empty() && key.size() <= max_shown && std::ranges::all_of(key, is_name_char)) {
    if (!path.empty()) path += '.';
    path += key;
  } else {
    path += fmt::format("[{}]", quoted_for_message(key));
  }
}

void append_index(std::string& path, std::size_t index) { path += fmt::format("[{}]", index); }

void field_path::append_to(std::string& out) const {
  if (parent_ == nullptr) {
    out += name_;
    return;
  }
  parent_->append_to(out);
  if (is_index_)
    append_index(out, index_);
  else
    append_member(out, name_);
}

std::string field_path::text() const {
  std::string out;
  append_to(out);
  return out.empty() ? "body" : out;
}

failure invalid_at(const field_path& path, std::string_view what) {
  return {errc::invalid, fmt::format("{}: {}", path.text(), what)};
}

}  // namespace sandbase
