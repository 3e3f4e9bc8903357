// SPDX-License-Identifier: Apache-2.0
#include "http/wire/cors.hpp"

#include "http/wire/text.hpp"

#include <algorithm>

namespace sandbase {

namespace {

// What the SDKs, EventSource packages and tracing libraries of pages send. `user-agent` is a header that some
// browsers ask for because the SDK sets it, others drop in silence.
constexpr std::string_view allowed_headers[] = {"authorization", "x-api-key",    "idempotency-key",
                                                "last-event-id", "content-type", "user-agent",
                                                "traceparent",   "tracestate"};
constexpr std::string_view allowed_prefixes[] = {"anthropic-", "x-stainless-"};

bool is_allowed_header(std::string_view lower_name) {
  const auto is_name_char = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  if (!std::all_of(lower_name.begin(), lower_name.end(), is_name_char)) return false;
  return std::any_of(std::begin(allowed_headers), std::end(allowed_headers),
                     [&](auto n) { return n == lower_name; }) ||
         std::any_of(std::begin(allowed_prefixes), std::end(allowed_prefixes),
                     [&](auto p) { return lower_name.starts_with(p); });
}

bool is_allowed_origin(const std::vector<std::string>& origins, std::string_view origin) {
  return !origin.empty() && std::find(origins.begin(), origins.end(), origin) != origins.end();
}

}  // namespace

std::string cors_lines(const std::vector<std::string>& origins, std::string_view origin) {
  if (origins.empty()) return {};
  std::string lines = "Vary: Origin\r\n";
  if (!is_allowed_origin(origins, origin)) return lines;
  lines.append("Access-Control-Allow-Origin: ").append(origin).append("\r\n");
  lines.append("Access-Control-Expose-Headers: request-id, retry-after, x-should-retry\r\n");
  return lines;
}

std::string preflight_lines(const std::vector<std::string>& origins, const request_head& head,
                            std::string_view allow) {
  if (!is_allowed_origin(origins, head.origin)) return {};
  std::string lines = "Access-Control-Allow-Methods: ";
  lines.append(allow).append("\r\n");
  std::string names;
  for (const auto requested : split(head.cors_headers, ',')) {
    const auto name = to_lower(requested);
    if (!is_allowed_header(name)) continue;
    names.append(names.empty() ? "" : ", ").append(name);
  }
  if (!names.empty()) lines.append("Access-Control-Allow-Headers: ").append(names).append("\r\n");
  return lines + "Access-Control-Max-Age: 600\r\n";
}

}  // namespace sandbase
