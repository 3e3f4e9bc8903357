// SPDX-License-Identifier: Apache-2.0
// Where a node can be reached by others: a name or an address, with a port.
#pragma once

#include "events/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sandbase {

struct link_address {
  /// A host's name, or an address of IPv4 or IPv6 without brackets.
  std::string host;
  /// 0: not told.
  std::uint16_t port = 0;
  bool operator==(const link_address&) const = default;
};

/// `10.0.0.1:7000`, `node-1.example:7000`, `[fd00::1]:7000`, or the same without a port. Names are not looked
/// up. `invalid`, with what would have been taken.
result<link_address> parse_link_address(std::string_view text);

/// The other way round; a port of 0 is left out.
std::string format_link_address(const link_address& a);

/// Whether a socket bound to it takes connections to any address of the machine, so that it is none that
/// others could be told.
bool is_wildcard(std::string_view host);

}  // namespace sandbase
