#include "http/api/router.hpp"

#include "http/wire/text.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

namespace sandbase {

namespace {

/// A path with what each method does there. `{id}` in the pattern stands for a session's id.
struct resource {
  http_surface surface;
  std::string_view pattern;
  route get, post, delete_;
  std::string_view allow;
};

constexpr auto none = route::method_not_allowed;
constexpr std::array<resource, 8> resources{{
    {http_surface::api, "/v1/sessions", route::list_sessions, route::create_session, none,
     "GET, HEAD, POST, OPTIONS"},
    {http_surface::api, "/v1/sessions/{id}", route::get_session, route::update_session, route::delete_session,
     "GET, HEAD, POST, DELETE, OPTIONS"},
    {http_surface::api, "/v1/sessions/{id}/archive", none, route::archive_session, none, "POST, OPTIONS"},
    {http_surface::api, "/v1/sessions/{id}/events", route::list_events, route::send_events, none,
     "GET, HEAD, POST, OPTIONS"},
    {http_surface::api, "/v1/sessions/{id}/events/stream", route::stream_events, none, none,
     "GET, HEAD, OPTIONS"},
    {http_surface::api, "/v1/sessions/{id}/stream_tokens", none, route::mint_stream_token, none,
     "POST, OPTIONS"},
    {http_surface::admin, "/healthz", route::health, none, none, "GET, HEAD, OPTIONS"},
    {http_surface::admin, "/readyz", route::ready, none, none, "GET, HEAD, OPTIONS"},
}};

std::string_view next_segment(std::string_view& path) {
  path.remove_prefix(1);  // '/'
  const auto end = std::min(path.find('/'), path.size());
  const auto segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

/// The id in the path (empty if the pattern has none), or nothing if the path does not fit the pattern.
std::optional<std::string> match(std::string_view pattern, std::string_view path) {
  std::string id;
  while (!pattern.empty() && !path.empty()) {
    const auto wanted = next_segment(pattern);
    auto given = percent_decode(next_segment(path), false);
    if (!given || given->empty()) return std::nullopt;
    if (wanted == "{id}") {
      id = std::move(*given);
    } else if (wanted != *given) {
      return std::nullopt;
    }
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return id;
}

route action(const resource& r, http_method method) {
  switch (method) {
    case http_method::get:
    case http_method::head:
      return r.get;
    case http_method::post:
      return r.post;
    case http_method::delete_:
      return r.delete_;
    case http_method::options:
      return route::preflight;
    case http_method::other:
      return none;
  }
  return none;
}

}  // namespace

route_match find_route(http_surface surface, http_method method, std::string_view path) {
  if (path.empty() || path.front() != '/') return {};
  for (const auto& r : resources) {
    if (r.surface != surface) continue;
    if (auto id = match(r.pattern, path)) return {action(r, method), std::move(*id), r.allow};
  }
  return {};
}

bool changes_something(route r) {
  return r == route::create_session || r == route::update_session || r == route::archive_session ||
         r == route::delete_session || r == route::send_events;
}

}  // namespace sandbase
