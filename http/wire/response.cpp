#include "http/wire/response.hpp"

#include "events/json_text.hpp"

namespace sandbase {

namespace {

std::string_view reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 429:
      return "Too Many Requests";
    case 503:
      return "Service Unavailable";
    default:
      return "Internal Server Error";
  }
}

}  // namespace

void append_head(std::string& out, const response_head& head) {
  out.append("HTTP/1.1 ")
      .append(std::to_string(head.status))
      .append(" ")
      .append(reason(head.status))
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
  out.append(head.extra).append("\r\n");
}

error_reply to_reply(const failure& f) {
  switch (f.code) {
    case errc::invalid:
      return {400, "invalid_request_error", f.message, {}};
    case errc::unauthorized:
      return {401, "authentication_error", f.message, "WWW-Authenticate: Bearer\r\n"};
    case errc::forbidden:
      return {403, "permission_error", f.message, {}};
    case errc::not_found:
      return {404, "not_found", f.message, {}};
    case errc::conflict:
      return {409, "conflict_error", f.message, "x-should-retry: false\r\n"};
    case errc::too_large:
      return {413, "request_too_large", f.message, {}};
    case errc::rate_limited:
      return {429, "rate_limit_error", f.message, "Retry-After: 1\r\n"};
    case errc::unavailable:
      return {503, "overloaded_error", f.message, "Retry-After: 1\r\n"};
    case errc::unknown_outcome:
      return {500, "api_error", "no answer in time: whether the request was carried out is unknown", {}};
    case errc::none:
    case errc::io_failed:
    case errc::corrupt:
    case errc::internal:
      break;
  }
  return {500, "api_error", "internal error", {}};
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
