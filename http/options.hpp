// Limits and timeouts of the HTTP layer, with their defaults.
#pragma once

#include "events/event_draft.hpp"
#include "http/stream_mode.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sandbase {

struct http_options {
  std::size_t max_connections = 10'000;          ///< beyond it nothing is accepted until one closes
  std::size_t max_body_bytes = 8 * 1024 * 1024;  ///< of one request
  std::size_t max_header_bytes = 16 * 1024;      ///< request line and headers
  std::chrono::milliseconds header_timeout{
      10'000};  ///< from accept, or a request's first byte, to the end of its headers
  std::chrono::milliseconds body_timeout{30'000};      ///< for a whole request body
  std::chrono::milliseconds idle_timeout{60'000};      ///< between two requests of a connection
  std::chrono::milliseconds write_timeout{30'000};     ///< without a byte taken by the client
  std::chrono::milliseconds request_timeout{60'000};   ///< for the answer of the actors behind
  std::chrono::milliseconds stream_heartbeat{15'000};  ///< of a live stream on which nothing happens
  std::chrono::milliseconds stream_max_age{
      0};  ///< after which a live stream is asked to come again; 0: never
  stream_mode stream_default = stream_mode::replay;  ///< of a request without `follow`
  std::chrono::milliseconds linger_timeout{2'000};   ///< for the client to take the last answer and close
  std::vector<std::string> cors_origins;  ///< exact origins that browsers may call from; none: CORS is off
  std::int64_t max_bytes_in = 256 * 1024 * 1024;  ///< request bodies in flight, all keys together
  std::int64_t max_bytes_in_per_key = 64 * 1024 * 1024;
  std::int64_t max_bytes_out = 256 * 1024 * 1024;  ///< event bytes handed to sockets and not yet taken
  std::string token_secret;                        ///< stream tokens are signed with it
  send_limits limits;                              ///< of one Send Events request
};

}  // namespace sandbase
