// SPDX-License-Identifier: Apache-2.0
// The stored form of an event, and its comparison with a draft.
#include "events/event/event_draft.hpp"
#include "events/json/json_text.hpp"
#include "events/json/line_breaks.hpp"

namespace sandbase {

namespace {

/// Takes `expected` off the front of `text`; false if something else stands there.
bool skip(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

/// Takes a JSON string off the front. @pre one stands there
std::string_view take_string(std::string_view& text) {
  const auto taken = text.substr(0, json::detail::skip_value(text, 0));
  text.remove_prefix(taken.size());
  return taken;
}

/// renders_to, to the byte.
bool is_rendering_of(const event_draft& draft, std::string_view stored_json) {
  auto rest = stored_json;
  if (!skip(rest, R"({"id":)")) return false;
  const auto id = take_string(rest);
  if (!draft.id.empty() && id != json::quoted(draft.id)) return false;
  if (!skip(rest, R"(,"type":)") || take_string(rest) != json::quoted(draft.type_name)) return false;
  if (!draft.payload.empty() && !(skip(rest, ",") && skip(rest, draft.payload))) return false;
  // The one field that the server adds to a payload.
  if (draft.type == event_type::user_define_outcome && draft.facts.outcome_id.empty() &&
      skip(rest, R"(,"outcome_id":)"))
    take_string(rest);
  if (!skip(rest, R"(,"processed_at":)")) return false;
  const auto time = take_string(rest);
  return rest == "}" && (draft.processed_at.empty() || time == json::quoted(draft.processed_at));
}

}  // namespace

std::string render_event(const event_draft& draft, std::string_view id, std::string_view processed_at,
                         std::string_view extra) {
  std::string out;
  out.reserve(draft.payload.size() + extra.size() + id.size() + draft.type_name.size() + processed_at.size() +
              48);
  out.append(R"({"id":)");
  json::append_string(out, id);
  out.append(R"(,"type":)");
  json::append_string(out, draft.type_name);
  if (!draft.payload.empty()) out.append(",").append(draft.payload);
  if (!extra.empty()) out.append(",").append(extra);
  out.append(R"(,"processed_at":)");
  json::append_string(out, processed_at);
  out += '}';
  return out;
}

bool renders_to(const event_draft& draft, std::string_view stored_json) {
  if (is_rendering_of(draft, stored_json)) return true;
  const auto escaped = escape_line_breaks(stored_json);
  return escaped && is_rendering_of(draft, *escaped);
}

}  // namespace sandbase
