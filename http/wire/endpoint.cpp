// SPDX-License-Identifier: Apache-2.0
#include "http/wire/endpoint.hpp"

#include "http/wire/text.hpp"

#include <arpa/inet.h>
#include <array>
#include <fmt/core.h>
#include <limits>

namespace sandbase {

result<endpoint> parse_endpoint(std::string_view text) {
  const failure bad{errc::invalid, "must be ADDRESS:PORT such as 127.0.0.1:8080 or [::1]:8080"};
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad;
  auto host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto port = parse_number(text.substr(colon + 1));
  if (!port || *port > std::numeric_limits<std::uint16_t>::max()) return bad;
  endpoint e{std::string{host}, static_cast<std::uint16_t>(*port)};
  // What inet_pton() reads ends at the first zero byte.
  if (host.find('\0') != host.npos) return bad;
  std::array<unsigned char, sizeof(in6_addr)> address{};
  if (inet_pton(bracketed ? AF_INET6 : AF_INET, e.host.c_str(), address.data()) != 1) return bad;
  return e;
}

std::string format_endpoint(const endpoint& e) {
  const bool v6 = e.host.find(':') != std::string::npos;
  return v6 ? fmt::format("[{}]:{}", e.host, e.port) : fmt::format("{}:{}", e.host, e.port);
}

}  // namespace sandbase
