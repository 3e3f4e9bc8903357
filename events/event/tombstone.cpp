// SPDX-License-Identifier: Apache-2.0
#include "events/event/tombstone.hpp"

#include "events/event/stored_event.hpp"
#include "events/json/json_text.hpp"

namespace sandbase {

namespace {

constexpr std::string_view before_at = R"(,"redacted":{"at":")";
constexpr std::string_view before_reason = R"(","reason":)";
constexpr std::string_view before_time = R"(,"processed_at":")";

/// A stored event around its payload: id and type, then the time.
struct ends {
  std::string_view front;
  std::string_view payload;
  std::string_view back;
};

result<ends> ends_of(std::string_view json) {
  const auto event = read_stored_event(json);
  if (!event) return event.error();
  const auto type_end =
      static_cast<std::size_t>(event->type_name.data() - json.data()) + event->type_name.size() + 1;
  const auto time_start = json.rfind(before_time);
  return ends{json.substr(0, type_end), json.substr(type_end, time_start - type_end),
              json.substr(time_start)};
}

bool is_reason(std::string_view text) {
  if (text == "null") return true;
  if (!json::validate(text)) return false;
  const json::value reason{text};
  return reason.is(json::kind::string) && !reason.as_string().empty() &&
         json::quoted(reason.as_string()) == text;
}

}  // namespace

result<std::string> render_tombstone(std::string_view json, timestamp at, std::string_view reason) {
  const auto kept = ends_of(json);
  if (!kept) return kept.error();
  std::string out{kept->front};
  out.append(before_at).append(format_timestamp(at)).append(before_reason);
  if (reason.empty())
    out += "null";
  else
    json::append_string(out, reason);
  return out.append("}").append(kept->back);
}

bool is_tombstone(std::string_view json) {
  const auto parts = ends_of(json);
  if (!parts) return false;
  auto rest = parts->payload;
  if (!rest.starts_with(before_at) || !rest.ends_with('}')) return false;
  rest.remove_prefix(before_at.size());
  const auto at = parse_timestamp(rest.substr(0, rest.find('"')));
  if (!at || !rest.starts_with(format_timestamp(*at))) return false;
  rest.remove_prefix(format_timestamp(*at).size());
  if (!rest.starts_with(before_reason)) return false;
  rest.remove_prefix(before_reason.size());
  return is_reason(rest.substr(0, rest.size() - 1));
}

}  // namespace sandbase
