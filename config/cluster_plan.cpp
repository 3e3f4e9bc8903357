// SPDX-License-Identifier: Apache-2.0
#include "config/cluster_plan.hpp"

#include "actors/cluster/tls_identity.hpp"
#include "events/base/random_bytes.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/core.h>
#include <fstream>
#include <utility>

namespace sandbase {

namespace {

constexpr const char* secret_variable = "SANDBASE_CLUSTER_SECRET";

failure invalid(std::string message) { return {errc::invalid, std::move(message)}; }

result<std::string> read_secret_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::string line;
  errno = 0;
  if (!file.is_open() || (!std::getline(file, line) && !file.eof()))
    return invalid(fmt::format("cluster.secret_file: cannot read {}: {}", path,
                               std::strerror(errno == 0 ? ENOENT : errno)));
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

/// From where it stands; messages never show it.
result<std::string> find_secret(const std::string& path, const environment_fn& environment) {
  auto given = environment(secret_variable);
  if (given && given->empty()) given.reset();
  if (!path.empty() && given)
    return invalid(fmt::format("cluster.secret_file: {} is set as well, give one of them", secret_variable));
  if (path.empty() && !given)
    return invalid(
        fmt::format("cluster.listen needs a secret that all nodes know: give cluster.secret_file "
                    "or {}; without one no port is opened",
                    secret_variable));
  auto secret = given ? result<std::string>{*std::move(given)} : read_secret_file(path);
  if (secret && secret->size() < min_cluster_secret_bytes)
    return invalid(fmt::format("{}: the secret must have at least {} characters, not {}",
                               path.empty() ? secret_variable : "cluster.secret_file",
                               min_cluster_secret_bytes, secret->size()));
  return secret;
}

std::string random_name() {
  std::array<std::uint8_t, 8> bytes{};
  random_bytes(bytes);
  std::uint64_t number = 0;
  for (const auto byte : bytes) number = number << 8 | byte;
  return fmt::format("node-{:016x}", number);
}

}  // namespace

link_address cluster_plan::told(std::uint16_t bound) const {
  auto address = advertise.value_or(listen);
  if (!advertise || address.port == 0) address.port = bound;
  return address;
}

result<std::optional<cluster_plan>> plan_cluster(const server_options& options,
                                                 const environment_fn& environment) {
  const auto& o = options.cluster;
  if (!o.listen) return std::optional<cluster_plan>{};
  if (options.store.url.starts_with("sqlite:"))
    return invalid("cluster.listen needs a store that nodes share: set store.url to postgres://…");
  if (is_wildcard(o.listen->host) && !o.advertise)
    return invalid(fmt::format(
        "cluster.listen is every address of the machine ({}): say in cluster.advertise where other "
        "nodes find it",
        o.listen->host));
  if (o.advertise && is_wildcard(o.advertise->host))
    return invalid(
        fmt::format("cluster.advertise: nobody can be found at {}", format_link_address(*o.advertise)));
  auto secret = find_secret(o.secret_file, environment);
  if (!secret) return std::move(secret).error();
  return std::optional<cluster_plan>{cluster_plan{{o.listen->host, o.listen->port},
                                                  *std::move(secret),
                                                  o.name,
                                                  o.node.empty() ? random_name() : o.node,
                                                  o.advertise}};
}

}  // namespace sandbase
