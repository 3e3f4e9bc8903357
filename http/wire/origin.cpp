// SPDX-License-Identifier: Apache-2.0
#include "http/wire/origin.hpp"

#include "events/base/ascii.hpp"
#include "http/wire/text.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <fmt/core.h>
#include <limits>
#include <optional>

namespace sandbase {

namespace {

struct scheme {
  std::string_view name;
  std::uint16_t port;
};

constexpr scheme schemes[] = {{"http", 80}, {"https", 443}};

bool is_host_char(char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_'; }

/// `host` in lower case. A browser takes a name whose last label is a number for an IPv4 address.
bool is_name_or_v4(const std::string& host) {
  const auto last = host.substr(host.rfind('.') + 1);
  if (std::all_of(last.begin(), last.end(), is_digit)) {
    in_addr address{};
    return inet_pton(AF_INET, host.c_str(), &address) == 1;
  }
  const bool chars_are_good =
      std::all_of(host.begin(), host.end(), [](char c) { return is_host_char(c) || c == '.'; });
  return chars_are_good && host.front() != '.' && host.find("..") == host.npos;
}

std::optional<std::string> short_v6(const std::string& text) {
  in6_addr address{};
  std::array<char, INET6_ADDRSTRLEN> out{};
  if (inet_pton(AF_INET6, text.c_str(), &address) != 1) return std::nullopt;
  if (inet_ntop(AF_INET6, &address, out.data(), out.size()) == nullptr) return std::nullopt;
  return fmt::format("[{}]", out.data());
}

std::optional<std::string> normal_host(std::string_view text) {
  const auto host = to_lower(text);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    return short_v6(host.substr(1, host.size() - 2));
  if (host.empty() || !is_name_or_v4(host)) return std::nullopt;
  return host;
}

}  // namespace

result<std::string> normalize_origin(std::string_view text) {
  const failure bad{errc::invalid, "must be an exact origin such as https://app.example.com"};
  if (text.find('\0') != text.npos) return bad;
  const auto colon = text.find("://");
  if (colon == text.npos) return bad;
  const auto* const known = std::find_if(std::begin(schemes), std::end(schemes), [&](const scheme& s) {
    return iequals(s.name, text.substr(0, colon));
  });
  if (known == std::end(schemes)) return bad;
  const auto authority = text.substr(colon + 3);
  const auto host_end =
      authority.starts_with('[') ? authority.find(']') + 1 : std::min(authority.find(':'), authority.size());
  const auto host = normal_host(authority.substr(0, host_end));
  if (!host) return bad;
  auto origin = fmt::format("{}://{}", known->name, *host);
  if (const auto rest = authority.substr(host_end); !rest.empty()) {
    const auto port = parse_number(rest.substr(1));
    if (rest.front() != ':' || !port || *port == 0 || *port > std::numeric_limits<std::uint16_t>::max())
      return bad;
    if (*port != known->port) origin += fmt::format(":{}", *port);
  }
  return origin;
}

std::string_view find_origin(std::string_view raw_head) {
  std::optional<std::string_view> found;
  for (auto rest = raw_head.substr(std::min(raw_head.find('\n'), raw_head.size())); !rest.empty();) {
    rest.remove_prefix(1);
    const auto line = rest.substr(0, std::min(rest.find('\n'), rest.size()));
    rest.remove_prefix(line.size());
    const auto colon = std::min(line.find(':'), line.size());
    if (!iequals(line.substr(0, colon), "origin") || colon == line.size()) continue;
    if (found) return {};
    auto value = line.substr(colon + 1);
    if (value.ends_with('\r')) value.remove_suffix(1);
    found = trim(value);
  }
  return found.value_or(std::string_view{});
}

}  // namespace sandbase
