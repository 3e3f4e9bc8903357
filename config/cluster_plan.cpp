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
result<std::string> find_secret(std::string_view wanted_by, const std::string& path,
                                const environment_fn& environment) {
  auto given = environment(secret_variable);
  if (given && given->empty()) given.reset();
  if (!path.empty() && given)
    return invalid(fmt::format("cluster.secret_file: {} is set as well, give one of them", secret_variable));
  if (path.empty() && !given)
    return invalid(
        fmt::format("{} needs a secret that all nodes know: give cluster.secret_file or {}; without one no "
                    "link is made and no port is opened",
                    wanted_by, secret_variable));
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
  auto address = advertise ? *advertise : listen.value_or(link_address{});
  if (!advertise || address.port == 0) address.port = bound;
  return address;
}

namespace {

result<void> check_edge(const server_options& options) {
  const auto& o = options.cluster;
  if (o.listen || o.advertise)
    return invalid(
        "cluster.join makes this an edge, which nobody links to: cluster.listen and "
        "cluster.advertise are for nodes with a store");
  if (options.store != store_address{server_options{}.store})
    return invalid(
        "cluster.join makes this an edge, which has no store: leave out store.url, or cluster.join");
  return {};
}

result<void> check_member(const server_options& options) {
  const auto& o = options.cluster;
  if (is_wildcard(o.listen->host) && !o.advertise)
    return invalid(fmt::format(
        "cluster.listen is every address of the machine ({}): say in cluster.advertise where other "
        "nodes find it",
        o.listen->host));
  if (o.advertise && is_wildcard(o.advertise->host))
    return invalid(
        fmt::format("cluster.advertise: nobody can be found at {}", format_link_address(*o.advertise)));
  return {};
}

}  // namespace

result<std::optional<cluster_plan>> plan_cluster(const server_options& options,
                                                 const environment_fn& environment) {
  const auto& o = options.cluster;
  if (!o.listen && o.join.empty()) return std::optional<cluster_plan>{};
  const bool is_edge = !o.join.empty();
  if (auto fits = is_edge ? check_edge(options) : check_member(options); !fits) return fits.error();
  auto secret = find_secret(is_edge ? "cluster.join" : "cluster.listen", o.secret_file, environment);
  if (!secret) return std::move(secret).error();
  std::optional<link_address> listen;
  if (o.listen) listen = link_address{o.listen->host, o.listen->port};
  return std::optional<cluster_plan>{cluster_plan{listen, o.join, *std::move(secret), o.name,
                                                  o.node.empty() ? random_name() : o.node, o.advertise}};
}

}  // namespace sandbase
