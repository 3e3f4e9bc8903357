// SPDX-License-Identifier: Apache-2.0
// Limits and timeouts of the HTTP layer, with their defaults; sizes are bytes. An operator sets those that
// have a row in config/option_table.cpp.
#pragma once

#include "events/event/event_draft.hpp"
#include "http/io/stream_mode.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sandbase {

/// How long an answer may stall while others need its room in max_bytes_out.
inline constexpr std::chrono::milliseconds out_patience{500};

enum class access_log : std::uint8_t { off, on };
enum class inspector_page_mode : std::uint8_t { off, on };

struct http_options {
  /// Of the API. The last places are kept for those who are turned away: see acceptor.hpp.
  std::size_t max_connections = 10'000;
  /// The same of the admin listener, which has places of its own.
  std::size_t max_admin_connections = 64;
  /// Open at once of one API key, replays as well; 0: half of max_connections.
  std::size_t max_streams_per_key = 0;
  std::size_t streams_per_key() const {
    return max_streams_per_key > 0 ? max_streams_per_key : std::max<std::size_t>(1, max_connections / 2);
  }
  /// Of one request.
  std::size_t max_body_bytes = 8 * 1024 * 1024;
  /// Request line and headers.
  std::size_t max_header_bytes = 16 * 1024;
  /// From accept, or a request's first byte, to the end of its headers.
  std::chrono::milliseconds header_timeout{10'000};
  /// For a whole request body.
  std::chrono::milliseconds body_timeout{30'000};
  /// Without a byte of a body that may have any length.
  std::chrono::milliseconds piece_timeout{5'000};
  /// Between two requests of a connection.
  std::chrono::milliseconds idle_timeout{60'000};
  /// Without a byte taken by the client.
  std::chrono::milliseconds write_timeout{30'000};
  /// For the answer of the actors behind.
  std::chrono::milliseconds request_timeout{60'000};
  /// Of a live stream on which nothing happens.
  std::chrono::milliseconds stream_heartbeat{15'000};
  /// After which a live stream is asked to come again; 0: never.
  std::chrono::milliseconds stream_max_age{0};
  /// Of a request without `follow`.
  stream_mode stream_default = stream_mode::replay;
  /// Exact origins that browsers may call from, as normalize_origin() makes them; none: CORS is off.
  std::vector<std::string> cors_origins;
  /// Whether /inspector is served.
  inspector_page_mode inspector = inspector_page_mode::on;
  /// Request bodies in flight, all keys together.
  std::int64_t max_bytes_in = 256 * 1024 * 1024;
  std::int64_t max_bytes_in_per_key = 64 * 1024 * 1024;
  std::int64_t max_bytes_in_per_workspace = 128 * 1024 * 1024;
  /// Event bytes handed to sockets and not yet taken.
  std::int64_t max_bytes_out = 256 * 1024 * 1024;
  /// Whether each request gets a line in the log.
  access_log access = access_log::on;
  /// Stream tokens are signed with it.
  std::string token_secret;
  /// Of one Send Events request.
  send_limits limits;

  bool operator==(const http_options&) const = default;
};

}  // namespace sandbase
