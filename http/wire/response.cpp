// SPDX-License-Identifier: Apache-2.0
#include "http/wire/response.hpp"

#include "events/json/json_text.hpp"

#include <algorithm>

namespace sandbase {

namespace {

struct status_row {
  int status;
  std::string_view reason;
  /// Of the error object; empty where it is none.
  std::string_view type;
  /// Header lines that belong to every error of this status.
  std::string_view lines;
};

// Every status that is answered here; RFC 9110 and 6585 have the reason phrases. The SDKs send a request
// again after 409, 429 and everything from 500 on, unless they are told that this will not help.
constexpr status_row statuses[] = {
    {200, "OK", {}, {}},
    {204, "No Content", {}, {}},
    {400, "Bad Request", "invalid_request_error", {}},
    {401, "Unauthorized", "authentication_error", "WWW-Authenticate: Bearer\r\n"},
    {403, "Forbidden", "permission_error", {}},
    {404, "Not Found", "not_found", {}},
    {405, "Method Not Allowed", "invalid_request_error", {}},
    {409, "Conflict", "conflict_error", "x-should-retry: false\r\n"},
    {413, "Content Too Large", "request_too_large", {}},
    {414, "URI Too Long", "invalid_request_error", {}},
    {415, "Unsupported Media Type", "invalid_request_error", {}},
    {429, "Too Many Requests", "rate_limit_error", "Retry-After: 1\r\n"},
    {431, "Request Header Fields Too Large", "invalid_request_error", {}},
    {500, "Internal Server Error", "api_error", {}},
    {501, "Not Implemented", "invalid_request_error", "x-should-retry: false\r\n"},
    {503, "Service Unavailable", "overloaded_error", "Retry-After: 1\r\n"},
};

const status_row& row_of(int status) {
  const auto* const row = std::find_if(std::begin(statuses), std::end(statuses),
                                       [&](const status_row& r) { return r.status == status; });
  return row != std::end(statuses) ? *row : row_of(500);
}

int status_of(errc code) {
  switch (code) {
    case errc::invalid:
      return 400;
    case errc::unauthorized:
      return 401;
    case errc::forbidden:
      return 403;
    case errc::not_found:
      return 404;
    case errc::conflict:
      return 409;
    case errc::too_large:
      return 413;
    case errc::rate_limited:
      return 429;
    case errc::unavailable:
    case errc::fenced:
    case errc::outdated:
      return 503;
    case errc::none:
    case errc::unknown_outcome:
    case errc::io_failed:
    case errc::corrupt:
    case errc::internal:
      break;
  }
  return 500;
}

}  // namespace

void append_head(std::string& out, const response_head& head) {
  out.append("HTTP/1.1 ")
      .append(std::to_string(head.status))
      .append(" ")
      .append(row_of(head.status).reason)
      .append("\r\n");
  if (!head.content_type.empty()) out.append("Content-Type: ").append(head.content_type).append("\r\n");
  if (head.content_length) {
    out.append("Content-Length: ").append(std::to_string(*head.content_length)).append("\r\n");
  } else if (head.chunked) {
    out.append("Transfer-Encoding: chunked\r\n");
  }
  if (!head.request_id.empty()) out.append("request-id: ").append(head.request_id).append("\r\n");
  if (head.close) {
    out.append("Connection: close\r\n");
  } else if (!head.http11) {
    out.append("Connection: keep-alive\r\n");
  }
  if (!head.cache_control.empty()) out.append("Cache-Control: ").append(head.cache_control).append("\r\n");
  out.append(head.extra).append("\r\n");
}

error_reply error_with_status(int status, std::string message) {
  const auto& row = row_of(status);
  return {row.status, row.type, std::move(message), std::string{row.lines}};
}

error_reply to_reply(const failure& f) {
  if (f.code == errc::unknown_outcome)
    return error_with_status(500, "no answer in time: whether the request was carried out is unknown");
  const auto status = status_of(f.code);
  return error_with_status(status, status == 500 ? "internal error" : f.message);
}

std::string render_error(const error_reply& reply, std::string_view request_id) {
  std::string out = R"({"type":"error","error":{"type":)";
  json::append_string(out, reply.type);
  out.append(R"(,"message":)");
  json::append_string(out, reply.message);
  out.append(R"(},"request_id":)");
  json::append_string(out, request_id);
  return out + "}";
}

}  // namespace sandbase
