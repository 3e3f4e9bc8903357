// SPDX-License-Identifier: Apache-2.0
// An address to listen on, as a value: what the options parse once and the server binds.
#pragma once

#include "events/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sandbase {

/// Port 0 lets the system choose.
struct endpoint {
  /// An IPv4 or IPv6 address, without brackets.
  std::string host;
  std::uint16_t port = 0;
  bool operator==(const endpoint&) const = default;
};

/// `127.0.0.1:8080`, `[::1]:8080`; names are not looked up. A failure is `invalid` and says what would have
/// been taken.
result<endpoint> parse_endpoint(std::string_view text);

/// The other way round.
std::string format_endpoint(const endpoint& e);

}  // namespace sandbase
