// SPDX-License-Identifier: Apache-2.0
#include "events/event/tombstone.hpp"

#include "events/event/stored_event.hpp"
#include "events/event/stored_layout.hpp"
#include "events/json/json_text.hpp"

namespace sandbase {

namespace {

constexpr std::string_view before_at = R"(,"redacted":{"at":")";
constexpr std::string_view before_reason = R"(","reason":)";

bool is_reason(std::string_view text) {
  if (text == "null") return true;
  if (!json::validate(text)) return false;
  const json::value reason{text};
  return reason.is(json::kind::string) && !reason.as_string().empty() &&
         json::quoted(reason.as_string()) == text;
}

}  // namespace

result<std::string> render_tombstone(std::string_view json, timestamp at, std::string_view reason) {
  if (auto event = read_stored_event(json); !event) return std::move(event).error();
  // What stands around the payload stays as it is, to the byte.
  const auto payload = stored_layout::read(json)->payload;
  const auto begin = static_cast<std::size_t>(payload.data() - json.data());
  std::string out{json.substr(0, begin)};
  out.append(before_at).append(format_timestamp(at)).append(before_reason);
  if (reason.empty())
    out += "null";
  else
    json::append_string(out, reason);
  return out.append("}").append(json.substr(begin + payload.size()));
}

bool is_tombstone(std::string_view json) {
  const auto parts = stored_layout::read(json);
  if (!parts || !read_stored_event(json)) return false;
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
