// SPDX-License-Identifier: Apache-2.0
// What a key may do.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sandbase {

/// The role of an API key. Numbers are stored: never renumber.
enum class role : std::uint8_t {
  /// Reads, manages sessions, sends user.* and system.message events.
  client = 1,
  /// All that, appends any event, imports and exports.
  runtime = 2,
  /// Reads only.
  viewer = 3,
};

constexpr std::string_view to_string(role r) {
  return r == role::client ? "client" : r == role::runtime ? "runtime" : "viewer";
}

constexpr std::optional<role> role_from(std::string_view name) {
  if (name == "client") return role::client;
  if (name == "runtime") return role::runtime;
  if (name == "viewer") return role::viewer;
  return std::nullopt;
}

}  // namespace sandbase
