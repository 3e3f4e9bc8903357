// Everything that `serve` can be told, as values with units. The names,
// bounds and texts stand in option_table.cpp.
#pragma once

#include "http/io/stream_mode.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sandbase {

/// An address to listen on. Port 0 lets the system choose.
struct endpoint {
  /// An IPv4 or IPv6 address, without brackets.
  std::string host;
  std::uint16_t port = 0;
  bool operator==(const endpoint&) const = default;
};

enum class log_level : std::uint8_t { trace, debug, info, warn, error, off };
enum class log_format : std::uint8_t { text, json };

/// Defaults are what a member is set to here; sizes are bytes.
struct server_options {
  using duration = std::chrono::milliseconds;
  static constexpr std::size_t kib = 1024;
  static constexpr std::size_t mib = 1024 * kib;

  endpoint http_listen{"127.0.0.1", 8080};
  endpoint admin_listen{"127.0.0.1", 8081};

  std::string store_url = "sqlite:./data/sandbase.db";
  std::size_t store_readers = 2;

  /// 0: as many as cores, at most 4; see io_threads().
  std::size_t http_threads = 0;
  std::size_t http_max_connections = 10'000;
  std::size_t http_max_streams_per_key = 0;
  std::size_t http_max_body_bytes = 8 * mib;
  std::size_t http_max_header_bytes = 16 * kib;
  duration http_header_timeout = std::chrono::seconds{10};
  duration http_body_timeout = std::chrono::seconds{30};
  duration http_idle_timeout = std::chrono::seconds{60};
  duration http_write_timeout = std::chrono::seconds{30};
  std::vector<std::string> http_cors_origin;
  std::size_t http_max_bytes_in = 256 * mib;
  std::size_t http_max_bytes_in_per_key = 64 * mib;
  std::size_t http_max_bytes_out = 256 * mib;
  /// 0: off.
  duration http_stream_max_age{0};

  std::size_t event_max_bytes = 1 * mib;

  duration session_idle_timeout = std::chrono::minutes{5};
  std::size_t session_cache_bytes = 128 * mib;

  stream_mode stream_default = stream_mode::replay;
  duration stream_heartbeat = std::chrono::seconds{15};

  sandbase::log_level log_level = sandbase::log_level::info;
  sandbase::log_format log_format = sandbase::log_format::text;

  bool operator==(const server_options&) const = default;

  /// How many io threads to start: http_threads, with 0 resolved.
  std::size_t io_threads() const;
};

}  // namespace sandbase
