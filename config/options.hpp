// SPDX-License-Identifier: Apache-2.0
// Everything that `serve` can be told, as values with units. An option is a member with its default, here or
// in the options of the layer that it is for, and a row in option_table.cpp, which has its name, bounds and
// text.
#pragma once

#include "actors/cluster/link_address.hpp"
#include "http/io/options.hpp"
#include "http/wire/endpoint.hpp"
#include "persistence/backend.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sandbase {

enum class log_level : std::uint8_t { trace, debug, info, warn, error, off };
enum class log_format : std::uint8_t { text, json };

/// Of links between nodes. Whether they fit together is plan_cluster()'s to say (cluster_plan.hpp).
struct cluster_options {
  /// Nothing: no port opens, and there are no links.
  std::optional<endpoint> listen;
  std::optional<link_address> advertise;
  /// Where an edge finds nodes that have the store; none: this is no edge.
  std::vector<link_address> join;
  /// Empty: the secret is not in a file.
  std::string secret_file;
  std::string name = "sandbase";
  /// Empty: a random one for each start.
  std::string node;
  bool operator==(const cluster_options&) const = default;
};

/// Defaults are what a member is set to, here and in http_options; sizes are bytes.
struct server_options {
  using duration = std::chrono::milliseconds;
  static constexpr std::size_t kib = 1024;
  static constexpr std::size_t mib = 1024 * kib;

  endpoint http_listen{"127.0.0.1", 8080};
  endpoint admin_listen{"127.0.0.1", 8081};
  /// 0: as many as cores, at most 4; see io_threads().
  std::size_t http_threads = 0;
  /// 0: as many as cores; see workers().
  std::size_t actors_threads = 0;
  /// What the HTTP layer itself reads; handed to it as it is.
  http_options http;

  store_address store{"sqlite:./data/sandbase.db"};
  std::size_t store_readers = 2;
  std::size_t store_journals = 2;
  std::int64_t journal_max_bytes = std::int64_t{512} * mib;

  cluster_options cluster;

  duration session_idle_timeout = std::chrono::minutes{5};
  std::size_t session_cache_bytes = 128 * mib;
  std::size_t session_max_active = 40'000;

  sandbase::log_level log_level = sandbase::log_level::info;
  sandbase::log_format log_format = sandbase::log_format::text;

  bool operator==(const server_options&) const = default;

  /// How many io threads to start: http_threads, with 0 resolved.
  std::size_t io_threads() const;
  /// How many threads run the actors that do not block: actors_threads, with 0 resolved.
  std::size_t workers() const;
};

}  // namespace sandbase
