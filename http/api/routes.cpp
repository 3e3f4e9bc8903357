// SPDX-License-Identifier: Apache-2.0
#include "http/api/routes.hpp"

#include "http/api/api.hpp"
#include "http/wire/text.hpp"

#include <algorithm>
#include <optional>

namespace sandbase {

namespace {

using enum http_method;
constexpr auto api = http_surface::api;
constexpr auto admin = http_surface::admin;

// clang-format off
constexpr route routes[] = {
    {api, get, "/v1/sessions", access::readers, list_sessions_call, "list_sessions"},
    {api, post, "/v1/sessions", access::writers, create_session_call, "create_session"},
    {api, post, "/v1/sessions/import", access::runtimes, import_sessions_call, "import_sessions", true},
    {api, get, "/v1/sessions/stream", access::readers, watch_sessions_call, "watch_sessions"},
    {api, get, "/v1/sessions/{id}", access::readers, get_session_call, "get_session"},
    {api, post, "/v1/sessions/{id}", access::writers, update_session_call, "update_session"},
    {api, delete_, "/v1/sessions/{id}", access::writers, delete_session_call, "delete_session"},
    {api, post, "/v1/sessions/{id}/archive", access::writers, archive_session_call, "archive_session"},
    {api, get, "/v1/sessions/{id}/events", access::readers, list_events_call, "list_events"},
    {api, post, "/v1/sessions/{id}/events", access::writers, send_events_call, "send_events"},
    {api, post, "/v1/sessions/{id}/events/{event_id}/redact", access::runtimes, redact_event_call, "redact_event"},
    {api, get, "/v1/sessions/{id}/events/stream", access::stream_readers, stream_events_call, "stream_events"},
    {api, get, "/v1/sessions/{id}/export", access::runtimes, export_session_call, "export_session"},
    {api, post, "/v1/sessions/{id}/stream_tokens", access::readers, mint_stream_token_call, "mint_stream_token"},
    {api, get, "/inspector", access::anybody, show_inspector_call, "inspector"},
    {api, get, "/inspector/{file}", access::anybody, show_inspector_call, "inspector_file"},
    {api, get, "/openapi.json", access::anybody, get_openapi_call, "get_openapi"},
    {admin, get, "/healthz", access::anybody, health_call, "health"},
    {admin, get, "/readyz", access::anybody, ready_call, "ready"},
    {admin, get, "/statusz", access::anybody, status_call, "status"},
};
// clang-format on

std::string_view next_segment(std::string_view& path) {
  path.remove_prefix(1);  // '/'
  const auto end = std::min(path.find('/'), path.size());
  const auto segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

/// The ids in a path; empty where the pattern has none.
struct path_ids {
  std::string session;
  std::string event;
  std::string file;
};

/// Nothing if the path does not fit the pattern.
std::optional<path_ids> match(std::string_view pattern, std::string_view path) {
  path_ids ids;
  while (!pattern.empty() && !path.empty()) {
    const auto wanted = next_segment(pattern);
    auto given = percent_decode(next_segment(path), false);
    if (!given || given->empty()) return std::nullopt;
    if (wanted == "{id}") {
      ids.session = std::move(*given);
    } else if (wanted == "{event_id}") {
      ids.event = std::move(*given);
    } else if (wanted == "{file}") {
      ids.file = std::move(*given);
    } else if (wanted != *given) {
      return std::nullopt;
    }
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return ids;
}

std::string_view name_of(http_method method) {
  switch (method) {
    case get:
      return "GET, HEAD";
    case post:
      return "POST";
    case delete_:
      return "DELETE";
    case head:
    case options:
    case other:
      break;
  }
  return {};
}

}  // namespace

std::span<const route> all_routes() { return routes; }

route_match find_route(http_surface surface, http_method method, std::string_view path) {
  route_match found;
  if (path.empty() || path.front() != '/') return found;
  const auto wanted = method == head ? get : method;
  bool is_fixed = false;  // those without an id stand first in the table
  for (const auto& r : routes) {
    if (r.surface != surface) continue;
    auto ids = match(r.path, path);
    if (!ids || (is_fixed && !ids->session.empty())) continue;
    is_fixed = ids->session.empty();
    found.session_id = std::move(ids->session);
    found.event_id = std::move(ids->event);
    found.file = std::move(ids->file);
    found.allow.append(found.allow.empty() ? "" : ", ").append(name_of(r.method));
    if (r.method == wanted) found.to = &r;
  }
  if (!found.allow.empty()) found.allow += ", OPTIONS";
  return found;
}

std::string served_paths(http_surface surface) {
  std::string text;
  std::string_view last;
  for (const auto& r : routes) {
    if (r.surface != surface || r.path == last) continue;
    last = r.path;
    text.append(text.empty() ? "" : ", ").append(r.path);
  }
  return text;
}

}  // namespace sandbase
