// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/link_address.hpp"

#include "events/base/ascii.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <system_error>

namespace sandbase {

namespace {

/// Of the DNS.
constexpr std::size_t max_name_bytes = 253;

bool is_address(int family, const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return inet_pton(family, host.c_str(), bytes.data()) == 1;
}

bool is_name(std::string_view host) {
  const auto allowed = [](char c) { return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_'; };
  return !host.empty() && host.size() <= max_name_bytes && std::all_of(host.begin(), host.end(), allowed);
}

bool read_port(std::string_view text, std::uint16_t& port) {
  const auto* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, port);
  return read.ec == std::errc{} && read.ptr == end && port != 0;
}

}  // namespace

result<link_address> parse_link_address(std::string_view text) {
  const failure bad{errc::invalid,
                    "must be HOST or HOST:PORT such as node-1.example:7000, 10.0.0.1:7000 or [fd00::1]:7000"};
  link_address found;
  auto rest = text;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == text.npos) return bad;
    found.host = text.substr(1, close - 1);
    rest.remove_prefix(close + 1);
    // Only numbers, colons and dots get past this: inet_pton() ends at a zero byte.
    if (found.host.find('\0') != std::string::npos || !is_address(AF_INET6, found.host)) return bad;
  } else {
    const auto colon = text.find(':');
    found.host = text.substr(0, colon);
    rest.remove_prefix(std::min(colon, text.size()));
    if (!is_name(found.host)) return bad;
  }
  if (rest.empty()) return found;
  if (rest.front() != ':' || !read_port(rest.substr(1), found.port)) return bad;
  return found;
}

std::string format_link_address(const link_address& a) {
  const auto host = a.host.find(':') == std::string::npos ? a.host : '[' + a.host + ']';
  return a.port == 0 ? host : host + ':' + std::to_string(a.port);
}

bool is_wildcard(std::string_view host) {
  const std::string text{host};
  in_addr v4{};
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) return v4.s_addr == INADDR_ANY;
  in6_addr v6{};
  if (inet_pton(AF_INET6, text.c_str(), &v6) != 1) return false;
  if (IN6_IS_ADDR_V4MAPPED(&v6))
    return std::all_of(std::end(v6.s6_addr) - 4, std::end(v6.s6_addr), [](auto b) { return b == 0; });
  return IN6_IS_ADDR_UNSPECIFIED(&v6);
}

}  // namespace sandbase
