// SPDX-License-Identifier: Apache-2.0
// What this service reads of the head of an HTTP request.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sandbase {

enum class http_method : std::uint8_t { get, head, post, delete_, options, other };

/// Request line and the headers that this service reads.
struct request_head {
  http_method method = http_method::get;
  /// Of the target, still percent-encoded.
  std::string path = "/";
  /// Of the target behind '?', still percent-encoded.
  std::string query;
  bool http11 = true;
  bool keep_alive = true;
  bool chunked = false;
  std::optional<std::uint64_t> content_length;
  bool expect_continue = false;

  /// Each value given.
  std::vector<std::string> authorization;
  /// x-api-key, each value given.
  std::vector<std::string> api_key;
  std::vector<std::string> last_event_id;
  std::optional<std::string> idempotency_key;
  /// x-stainless-retry-count.
  std::uint64_t retry_count = 0;
  /// All values given, with commas between them.
  std::string accept;
  /// x-stainless-lang: which of the SDKs asks; empty: none.
  std::string sdk;
  /// x-stainless-helper: what of it does, all values given.
  std::string sdk_helper;
  std::string origin;
  /// Access-Control-Request-Method.
  std::string cors_method;
  /// Access-Control-Request-Headers.
  std::string cors_headers;
};

}  // namespace sandbase
