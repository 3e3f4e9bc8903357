// SPDX-License-Identifier: Apache-2.0
#include "events/event/event_draft.hpp"

#include "events/event/draft_reader.hpp"
#include "events/event/event_rules.hpp"
#include "events/event/preview.hpp"
#include "events/json/field_path.hpp"
#include "events/json/json_text.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase {

namespace {

using json::kind;

/// How strictly events are read.
struct reading {
  rule_set rules = rule_set::send;
  role by = role::runtime;
  std::size_t max_bytes = 0;
};

constexpr auto any_size = static_cast<std::size_t>(-1);

bool holds_preview(const json::value& event) {
  if (!event.is(kind::object)) return false;
  const auto type = event.find("type");
  return type && type->is(kind::string) && is_preview(type->as_string());
}

result<void> check_type(const event_draft& draft, const reading& how, const field_path& event_path) {
  const field_path path{event_path, "type"};
  if (how.rules == rule_set::send) {
    const bool of_service = draft.type == event_type::session_updated ||
                            draft.type == event_type::session_deleted ||
                            draft.type == event_type::session_event_redacted;
    if (of_service && how.by == role::runtime)
      return invalid_at(path, quoted_for_message(draft.type_name) + " is made by the service");
    if (is_preview(draft.type_name))
      return invalid_at(path, quoted_for_message(draft.type_name) + " is a preview: it has no place here");
    if (how.by == role::viewer || (how.by == role::client && !client_may_send(draft.type))) {
      const auto what =
          fmt::format("a {} key may not send {}", to_string(how.by), quoted_for_message(draft.type_name));
      return failure{errc::forbidden, invalid_at(path, what).message};
    }
  }
  if (draft.type == event_type::custom && !is_valid_type_name(draft.type_name))
    return invalid_at(
        path, "must be a known type or a name like \"vendor.thing_happened\", at most 128 characters");
  return {};
}

result<void> read_type(event_draft& draft, const json::value& event, const reading& how,
                       const field_path& path) {
  const auto type = event.find("type");
  if (!type || type->is(kind::null)) return invalid_at({path, "type"}, "is required");
  if (!type->is(kind::string)) return invalid_at({path, "type"}, "must be a string");
  draft.type_name = type->as_string();
  draft.type = find_type(draft.type_name);
  draft.facts.type = draft.type;
  return check_type(draft, how, path);
}

result<void> read_id(event_draft& draft, const json::value& v, const reading& how, const field_path& path) {
  if (v.is(kind::null)) return {};
  if (how.by != role::runtime) return invalid_at(path, "only a runtime key may set it");
  if (!v.is(kind::string) || !is_valid_id(draft.id = v.as_string()))
    return invalid_at(path, "must be letters, '_', then 1 to 64 letters or digits");
  return {};
}

result<void> read_time(event_draft& draft, const json::value& v, const reading& how, const field_path& path) {
  if (v.is(kind::null)) return {};
  if (how.by != role::runtime) return invalid_at(path, "only a runtime key may set it");
  const auto time = v.is(kind::string) ? parse_exact_time(draft.processed_at = v.as_string()) : std::nullopt;
  if (!time) return invalid_at(path, "must be a time as in RFC 3339, like \"2026-05-29T10:00:03.120Z\"");
  draft.time = *time;
  return {};
}

/// Bytes of the stored event, with what the service adds to it.
std::size_t stored_size(const event_draft& draft) {
  constexpr std::size_t made_id = 31;  // `sevt_` or `outc_` and a ULID
  constexpr std::size_t made_time = std::string_view{"2026-05-29T10:00:03.120Z"}.size();
  // With the quotes and the comma or brace before it: id, type and time have no escapes.
  const auto member = [](std::string_view name, std::size_t given, std::size_t made) {
    return std::string_view{R"(,"":"")"}.size() + name.size() + (given == 0 ? made : given);
  };
  const bool gets_outcome = draft.type == event_type::user_define_outcome && draft.facts.outcome_id.empty();
  return member("id", draft.id.size(), made_id) + member("type", draft.type_name.size(), 0) +
         member("processed_at", draft.processed_at.size(), made_time) +
         (draft.payload.empty() ? 0 : 1 + draft.payload.size()) +
         (gets_outcome ? member("outcome_id", 0, made_id) : 0) + 1;
}

/// Into `draft`, which is new: a draft costs more to move than to read.
/// @pre `event` is part of validated text
result<void> read_event(event_draft& draft, const json::value& event, const field_path& path,
                        const reading& how) {
  if (!event.is(kind::object)) return invalid_at(path, "must be an object");
  if (auto ok = read_type(draft, event, how, path); !ok) return std::move(ok).error();

  field_checker checker{draft.type, how.rules, path};
  result<void> taken;
  draft.payload.reserve(event.text().size());
  event.for_each_member([&](std::string_view key_text, std::string_view key, const json::value& v) {
    if (key == "type" || key == "id" || key == "processed_at") {
      if (key == "id") taken = read_id(draft, v, how, {path, key});
      if (key == "processed_at") taken = read_time(draft, v, how, {path, key});
      return static_cast<bool>(taken);
    }
    if (!draft.payload.empty()) draft.payload += ',';
    draft.payload.append(key_text);
    draft.payload += ':';
    json::append_compact(draft.payload, v.text());
    taken = checker.take(key, v);
    if (taken) add_fact(draft.facts, key, v);
    return static_cast<bool>(taken);
  });
  if (!taken) return std::move(taken).error();
  if (auto ok = checker.finish(draft.facts); !ok) return std::move(ok).error();
  if (is_answer(draft.type)) draft.facts.says = what_is_said(draft.type, draft.payload);

  if (const auto bytes = stored_size(draft); bytes > how.max_bytes) {
    return failure{
        errc::too_large,
        invalid_at(path, fmt::format("has {} bytes, the limit is {} (event.max_bytes)", bytes, how.max_bytes))
            .message};
  }
  return {};
}

/// What a system.message may stand behind.
bool takes_system_message(event_type before) {
  return before == event_type::user_message || before == event_type::user_tool_result ||
         before == event_type::user_custom_tool_result || before == event_type::user_tool_confirmation;
}

/// Rules between the events of one request.
result<void> check_together(const std::vector<event_draft>& events, const field_path& path) {
  std::vector<std::pair<std::string_view, std::size_t>> ids;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (!events[i].id.empty()) ids.emplace_back(events[i].id, i);
    if (events[i].type != event_type::system_message) continue;
    const field_path at{path, i};
    if (i + 1 != events.size())
      return invalid_at(at, "a system.message must be the last event of its request");
    if (i == 0 || !takes_system_message(events[i - 1].type))
      return invalid_at(at,
                        "a system.message must stand directly behind the user.message, user.tool_result, "
                        "user.custom_tool_result or user.tool_confirmation it belongs to");
  }
  std::ranges::sort(ids);
  const auto twice = std::ranges::adjacent_find(ids, {}, [](const auto& id) { return id.first; });
  if (twice != ids.end()) {
    const field_path at{path, std::next(twice)->second};
    return invalid_at({at, "id"}, quoted_for_message(twice->first) + " stands twice in this request");
  }
  return {};
}

}  // namespace

result<std::vector<event_draft>> read_events(const json::value& events, const field_path& path, role by,
                                             const send_limits& limits,
                                             std::vector<placed_preview>* previews) {
  if (!events.is(kind::array)) return invalid_at(path, "must be an array of events");
  std::vector<event_draft> drafts;
  failure error;
  const reading how{rule_set::send, by, limits.max_event_bytes};
  events.for_each_element([&](std::size_t index, const json::value& event) {
    if (index == limits.max_events) {
      error = invalid_at(path, fmt::format("must hold at most {} events", limits.max_events));
      return false;
    }
    if (previews != nullptr && holds_preview(event)) {
      auto p = read_preview(event, {path, index}, by, limits);
      if (!p) {
        error = std::move(p).error();
        return false;
      }
      previews->push_back({drafts.size(), std::make_shared<const preview>(*std::move(p))});
      return true;
    }
    // They are often alike.
    if (drafts.empty())
      drafts.reserve(std::min(limits.max_events, events.text().size() / event.text().size() + 1));
    if (auto ok = read_event(drafts.emplace_back(), event, {path, index}, how); !ok) {
      error = std::move(ok).error();
      return false;
    }
    return true;
  });
  if (error.code != errc::none) return error;
  if (auto ok = check_together(drafts, path); !ok) return std::move(ok).error();
  return drafts;
}

result<send_request> parse_send_request(std::string_view body, role by, const send_limits& limits) {
  const auto document = json::document::read_body(body);
  if (!document) return document.error();
  const auto root = document->root();
  const field_path root_path;
  if (!root.is(kind::object)) return invalid_at(root_path, "must be an object");

  send_request request;
  std::optional<json::value> events;
  failure error;
  root.for_each_member([&](std::string_view, std::string_view key, const json::value& v) {
    if (key == "events") events = v;
    if (key == "expected_last_event_id") {
      request.has_expected_last_id = true;
      if (v.is(kind::string)) request.expected_last_id = v.as_string();
      if (!v.is(kind::null) && !is_valid_id(request.expected_last_id))
        error = invalid_at({root_path, key}, "must be an event id, or null for an empty log");
    }
  });
  if (error.code != errc::none) return error;
  const field_path events_path{root_path, "events"};
  if (!events) return invalid_at(events_path, "is required");
  auto drafts = read_events(*events, events_path, by, limits, &request.previews);
  if (!drafts) return std::move(drafts).error();
  if (drafts->empty() && request.previews.empty())
    return invalid_at(events_path, "must hold at least one event");
  request.events = *std::move(drafts);
  return request;
}

result<std::vector<event_draft>> parse_events(std::string_view events, std::string_view path, role by,
                                              const send_limits& limits) {
  const auto document = json::document::read(events, path);
  if (!document) return document.error();
  return read_events(document->root(), field_path{path}, by, limits);
}

result<event_draft> read_imported_event(const json::value& event, const field_path& path) {
  event_draft draft;
  auto ok = read_event(draft, event, path, {rule_set::import, role::runtime, any_size});
  if (!ok) return std::move(ok).error();
  return draft;
}

}  // namespace sandbase
