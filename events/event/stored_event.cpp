// SPDX-License-Identifier: Apache-2.0
#include "events/event/stored_event.hpp"

#include "events/json/field_path.hpp"

namespace sandbase {

namespace {

constexpr std::string_view before_id = R"({"id":")";
constexpr std::string_view before_type = R"(","type":")";
constexpr std::string_view before_time = R"(,"processed_at":")";
constexpr std::string_view after_time = R"("})";

}  // namespace

result<stored_event> read_stored_event(std::string_view json) {
  const auto bad = [&] { return failure{errc::corrupt, "not a stored event: " + quoted_for_message(json)}; };
  if (!json.starts_with(before_id) || !json.ends_with(after_time)) return bad();
  stored_event e;
  const auto id_end = json.find('"', before_id.size());
  if (id_end == std::string_view::npos || json.substr(id_end, before_type.size()) != before_type)
    return bad();
  e.id = json.substr(before_id.size(), id_end - before_id.size());
  const auto type_start = id_end + before_type.size();
  const auto type_end = json.find('"', type_start);
  const auto time_mark = json.rfind(before_time);
  if (type_end == std::string_view::npos || time_mark == std::string_view::npos || time_mark < type_end)
    return bad();
  e.type_name = json.substr(type_start, type_end - type_start);
  e.type = find_type(e.type_name);
  const auto time_start = time_mark + before_time.size();
  const auto time = parse_exact_time(json.substr(time_start, json.size() - after_time.size() - time_start));
  if (!time) return bad();
  e.time = *time;
  return e;
}

}  // namespace sandbase
