// SPDX-License-Identifier: Apache-2.0
#include "config/client/service_url.hpp"

#include "actors/cluster/link_address.hpp"
#include "events/base/ascii.hpp"
#include "http/wire/text.hpp"

#include <algorithm>
#include <array>
#include <fmt/core.h>
#include <utility>

namespace sandbase {
namespace {

constexpr std::uint16_t http_port = 80;
constexpr std::uint16_t https_port = 443;

failure bad_url() {
  return {errc::invalid, "must be the address of a service: http://HOST[:PORT] or https://HOST[:PORT]"};
}

bool is_unreserved(char c) { return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_' || c == '~'; }

/// Goes out as it is: no query, no fragment, nothing that would need an escape.
bool is_path(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return is_unreserved(c) || c == '/' || c == '%'; });
}

}  // namespace

std::string service_url::authority() const {
  const auto name = host.find(':') == std::string::npos ? host : fmt::format("[{}]", host);
  return port == (tls ? https_port : http_port) ? name : fmt::format("{}:{}", name, port);
}

result<service_url> parse_service_url(std::string_view text) {
  constexpr std::string_view between = "://";
  const auto scheme_end = text.find(between);
  if (scheme_end == std::string_view::npos) return bad_url();
  service_url url;
  const auto scheme = to_lower(text.substr(0, scheme_end));
  if (scheme != "http" && scheme != "https") return bad_url();
  url.tls = scheme == "https";
  text.remove_prefix(scheme_end + between.size());
  const auto path_start = std::min(text.find('/'), text.size());
  auto base = text.substr(path_start);
  while (base.ends_with('/')) base.remove_suffix(1);
  if (!is_path(base)) return bad_url();
  url.base = std::string{base};
  auto address = parse_link_address(text.substr(0, path_start));
  if (!address) return bad_url();
  url.host = std::move(address->host);
  url.port = address->port != 0 ? address->port : url.tls ? https_port : http_port;
  return url;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', digits[byte >> 4], digits[byte & 15]};
  }
  return out;
}

}  // namespace sandbase
