// SPDX-License-Identifier: Apache-2.0
#include "events/event/stored_layout.hpp"

namespace sandbase::stored_layout {

std::optional<front> read_front(std::string_view json) {
  if (!json.starts_with(before_id)) return std::nullopt;
  json.remove_prefix(before_id.size());
  front f;
  f.id = json.substr(0, json.find('"'));
  json.remove_prefix(f.id.size());
  if (!json.starts_with(before_type)) return std::nullopt;
  json.remove_prefix(before_type.size());
  f.type_name = json.substr(0, json.find('"'));
  json.remove_prefix(f.type_name.size());
  if (!json.starts_with(behind_type)) return std::nullopt;
  f.rest = json.substr(behind_type.size());
  return f;
}

std::optional<std::string_view> read_time(std::string_view json) {
  const auto mark = json.rfind(before_time);
  if (mark == std::string_view::npos || !json.ends_with(behind_time)) return std::nullopt;
  const auto start = mark + before_time.size();
  if (start + behind_time.size() > json.size()) return std::nullopt;
  return json.substr(start, json.size() - behind_time.size() - start);
}

std::optional<parts> read(std::string_view json) {
  const auto begin = read_front(json);
  if (!begin) return std::nullopt;
  const auto time = read_time(begin->rest);
  if (!time) return std::nullopt;
  const auto behind_payload = before_time.size() + time->size() + behind_time.size();
  return parts{begin->id, begin->type_name, begin->rest.substr(0, begin->rest.size() - behind_payload),
               *time};
}

}  // namespace sandbase::stored_layout
