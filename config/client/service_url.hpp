// SPDX-License-Identifier: Apache-2.0
// The address of a service, as a client takes it apart.
#pragma once

#include "events/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sandbase {

struct service_url {
  bool tls = false;
  /// A name, or an address without brackets.
  std::string host;
  std::uint16_t port = 0;
  /// What stands before `/v1`, without a slash at its end: empty, or `/events`.
  std::string base;

  /// For the header Host: without the port that the scheme has anyway.
  std::string authority() const;
};

/// `http://127.0.0.1:8080`, `https://events.example/base/`. Failure `invalid`, which says what would be
/// taken and shows none of the text, since it may have a password.
result<service_url> parse_service_url(std::string_view text);

/// For a path or a query: all but what RFC 3986 calls unreserved as %XX.
std::string percent_encode(std::string_view text);

}  // namespace sandbase
