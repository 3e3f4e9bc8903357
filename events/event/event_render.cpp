// SPDX-License-Identifier: Apache-2.0
// The stored form of an event, and its comparison with a draft.
#include "events/event/event_draft.hpp"
#include "events/event/stored_layout.hpp"
#include "events/json/json_text.hpp"
#include "events/json/line_breaks.hpp"

namespace sandbase {

namespace {

/// Whether `added` is the one field that the service adds to a payload.
bool is_made_by_service(const event_draft& draft, std::string_view added) {
  constexpr std::string_view name = R"(,"outcome_id":)";
  return draft.type == event_type::user_define_outcome && draft.facts.outcome_id.empty() &&
         added.starts_with(name) && json::detail::skip_value(added, name.size()) == added.size();
}

/// renders_to, to the byte.
bool is_rendering_of(const event_draft& draft, std::string_view stored_json) {
  const auto stored = stored_layout::read(stored_json);
  if (!stored || stored->type_name != draft.type_name) return false;
  if (!draft.id.empty() && stored->id != draft.id) return false;
  if (!draft.processed_at.empty() && stored->time != draft.processed_at) return false;
  auto payload = stored->payload;
  if (!draft.payload.empty()) {
    if (!payload.starts_with(',') || !payload.substr(1).starts_with(draft.payload)) return false;
    payload.remove_prefix(1 + draft.payload.size());
  }
  return payload.empty() || is_made_by_service(draft, payload);
}

}  // namespace

std::string render_event(const event_draft& draft, std::string_view id, std::string_view processed_at,
                         std::string_view extra) {
  using namespace stored_layout;
  std::string out;
  out.reserve(draft.payload.size() + extra.size() + id.size() + draft.type_name.size() + processed_at.size() +
              48);
  out.append(before_id).append(id).append(before_type).append(draft.type_name).append(behind_type);
  if (!draft.payload.empty()) out.append(",").append(draft.payload);
  if (!extra.empty()) out.append(",").append(extra);
  return out.append(before_time).append(processed_at).append(behind_time);
}

bool renders_to(const event_draft& draft, std::string_view stored_json) {
  if (is_rendering_of(draft, stored_json)) return true;
  const auto escaped = escape_line_breaks(stored_json);
  return escaped && is_rendering_of(draft, *escaped);
}

fingerprint fingerprint_of(const std::vector<event_draft>& drafts) {
  fingerprints parts;
  for (const auto& draft : drafts)
    for (const auto* text : {&draft.type_name, &draft.id, &draft.processed_at, &draft.payload})
      parts.add(*text);
  return parts.all();
}

fingerprint fingerprint_of(const send_request& request) {
  fingerprints parts;
  parts.add(fingerprint_of(request.events));
  for (const auto& p : request.previews) {
    parts.add(std::to_string(p.after));
    parts.add(p.what->frame);
  }
  if (request.has_expected_last_id) parts.add(request.expected_last_id);
  return parts.all();
}

}  // namespace sandbase
