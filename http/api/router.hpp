// From method and path to what is asked for.
#pragma once

#include "http/wire/request_head.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sandbase {

/// Which listener a connection belongs to.
enum class http_surface : std::uint8_t { api, admin };

enum class route : std::uint8_t {
  not_found,
  method_not_allowed,
  /// OPTIONS on a path that exists.
  preflight,
  create_session,
  list_sessions,
  get_session,
  update_session,
  archive_session,
  delete_session,
  send_events,
  list_events,
  stream_events,
  mint_stream_token,
  health,
  ready,
};

struct route_match {
  route to = route::not_found;
  /// percent-decoded; empty if the path has none.
  std::string session_id;
  /// Methods of the path, for `Allow`; empty if not_found.
  std::string_view allow;
};

/// HEAD goes where GET goes.
route_match find_route(http_surface surface, http_method method, std::string_view path);

/// Whether it changes anything: not for viewers.
bool changes_something(route r);

}  // namespace sandbase
