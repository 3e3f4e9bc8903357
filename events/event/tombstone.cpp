// SPDX-License-Identifier: Apache-2.0
#include "events/event/tombstone.hpp"

#include "events/event/stored_event.hpp"
#include "events/event/stored_layout.hpp"
#include "events/json/json_text.hpp"

namespace sandbase {

namespace {

constexpr std::string_view before_at = R"(,"redacted":{"at":")";
constexpr std::string_view before_reason = R"(","reason":)";
constexpr std::string_view waited = R"(,"stop_reason":"requires_action")";

bool is_reason(std::string_view text) {
  if (text == "null") return true;
  if (!json::validate(text)) return false;
  const json::value reason{text};
  return reason.is(json::kind::string) && !reason.as_string().empty() &&
         json::quoted(reason.as_string()) == text;
}

/// An idle that ended no turn.
bool has_waited(event_type type, std::string_view json) {
  if (type != event_type::session_status_idle) return false;
  const auto stop_reason = json::value{json}.find("stop_reason");
  if (!stop_reason || !stop_reason->is(json::kind::object)) return false;
  const auto why = stop_reason->find("type");
  return why && why->is(json::kind::string) && why->as_string() == "requires_action";
}

enum class form : std::uint8_t { other, plain, waiting };

form form_of(std::string_view json) {
  const auto parts = stored_layout::read(json);
  if (!parts || !parts->payload.starts_with(before_at) || !parts->payload.ends_with('}')) return form::other;
  const auto event = read_stored_event(json);
  if (!event) return form::other;
  auto rest = parts->payload.substr(before_at.size());
  const auto at = parse_timestamp(rest.substr(0, rest.find('"')));
  if (!at || !rest.starts_with(format_timestamp(*at))) return form::other;
  rest.remove_prefix(format_timestamp(*at).size());
  if (!rest.starts_with(before_reason)) return form::other;
  rest.remove_prefix(before_reason.size());
  rest.remove_suffix(1);
  if (is_reason(rest)) return form::plain;
  if (event->type != event_type::session_status_idle || !rest.ends_with(waited)) return form::other;
  rest.remove_suffix(waited.size());
  return is_reason(rest) ? form::waiting : form::other;
}

}  // namespace

result<std::string> render_tombstone(std::string_view json, timestamp at, std::string_view reason) {
  const auto event = read_stored_event(json);
  if (!event) return event.error();
  // What stands around the payload stays as it is, to the byte.
  const auto payload = stored_layout::read(json)->payload;
  const auto begin = static_cast<std::size_t>(payload.data() - json.data());
  std::string out{json.substr(0, begin)};
  out.append(before_at).append(format_timestamp(at)).append(before_reason);
  if (reason.empty())
    out += "null";
  else
    json::append_string(out, reason);
  if (has_waited(event->type, json)) out += waited;
  return out.append("}").append(json.substr(begin + payload.size()));
}

bool is_tombstone(std::string_view json) { return form_of(json) != form::other; }

bool is_waiting_tombstone(std::string_view json) { return form_of(json) == form::waiting; }

}  // namespace sandbase
