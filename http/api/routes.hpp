// SPDX-License-Identifier: Apache-2.0
// From method and path to what is asked for: one row a route.
#pragma once

#include "http/wire/request_head.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sandbase {

class call;

/// Which listener a connection belongs to.
enum class http_surface : std::uint8_t { api, admin };

/// Whom a route is open to.
enum class access : std::uint8_t {
  /// Whoever reaches the listener.
  anybody,
  /// Any key of the workspace.
  readers,
  /// The same, and stream tokens.
  stream_readers,
  /// Keys that may change something: not viewers.
  writers,
  /// Keys of agent runtimes.
  runtimes,
};

struct route {
  http_surface surface;
  http_method method;
  /// `{id}` stands for a session's id, `{event_id}` for that of one of its events, `{file}` for the name of a
  /// file that is part of the binary.
  std::string_view path;
  access open_to;
  void (*handler)(call&);
  /// For logs and metrics.
  std::string_view name;
  /// The body may have any length: the handler takes it by call::next_piece().
  bool streams_body = false;
};

/// Every route there is.
std::span<const route> all_routes();

struct route_match {
  /// Null: the path is unknown, or has no such method.
  const route* to = nullptr;
  /// Percent-decoded; empty if the path has none.
  std::string session_id;
  /// The same.
  std::string event_id;
  std::string file;
  /// Methods of the path, for `Allow`; empty if the path is unknown.
  std::string allow;
};

/// A path without an id goes before one whose id it could be. HEAD goes where GET goes. OPTIONS has no route:
/// what it asks for is `allow`.
route_match find_route(http_surface surface, http_method method, std::string_view path);

/// Whether a repetition could change something a second time.
inline bool changes_something(const route* r) { return r && r->open_to == access::writers; }

/// The paths of a listener, for whoever asked for another: `/v1/sessions, …`.
std::string served_paths(http_surface surface);

}  // namespace sandbase
