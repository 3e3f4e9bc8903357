// SPDX-License-Identifier: Apache-2.0
#include "http/wire/request_parser.hpp"

#include "http/wire/text.hpp"

#include <algorithm>

namespace sandbase {

namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

http_method method_from(std::string_view name) {
  if (name == "GET") return http_method::get;
  if (name == "HEAD") return http_method::head;
  if (name == "POST") return http_method::post;
  if (name == "DELETE") return http_method::delete_;
  if (name == "OPTIONS") return http_method::options;
  return http_method::other;
}

/// A header given several times is one list: RFC 9110, section 5.3.
void add_to_list(std::string& list, std::string_view value) {
  if (!list.empty()) list += ',';
  list += value;
}

/// Up to here a body grows step by step.
constexpr std::size_t small_body = 256 * 1024;

/// Adds a part to a body of at most `most` bytes. A large one gets all its room at once, which is no memory
/// until it is used: to grow it from four megabytes to eight would keep the thread from others for
/// milliseconds.
void keep(std::string& body, std::string_view part, std::uint64_t most) {
  const auto size = body.size() + part.size();
  if (size > small_body && size > body.capacity()) body.reserve(std::max<std::size_t>(size, most));
  body.append(part);
}

std::string explain(const beast::error_code& ec) {
  if (ec == http::error::bad_method) return "request line: not a method";
  if (ec == http::error::bad_target) return "request target: not valid";
  if (ec == http::error::bad_version) return "request line: only HTTP/1.0 and HTTP/1.1 are spoken here";
  if (ec == http::error::bad_content_length)
    return "Content-Length: not a number, or beside Transfer-Encoding";
  if (ec == http::error::multiple_content_length) return "Content-Length: given twice with different values";
  if (ec == http::error::bad_transfer_encoding)
    return "Transfer-Encoding: given twice, or beside Content-Length";
  return "request headers: not valid HTTP/1.1";
}

}  // namespace

request_parser::request_parser(std::size_t head_bytes) {
  header_limit(static_cast<std::uint32_t>(head_bytes + 1));
  body_limit(boost::none);  // see on_chunk_header_impl()
}

bool request_parser::put_head(std::string_view text) {
  beast::error_code ec;
  if (!text.ends_with("\r\n\r\n")) {
    refuse(400, "request headers: lines must end with CR LF", ec);
    return false;
  }
  if (text.find("\r\n ") != text.npos || text.find("\r\n\t") != text.npos) {
    refuse(400, "request headers: a header may not go on in a second line", ec);
    return false;
  }
  const auto used = put({text.data(), text.size()}, ec);
  if (ec && problem.empty()) refuse(400, explain(ec), ec);
  if (!ec && (used != text.size() || !is_header_done()))
    refuse(400, "request headers: not valid HTTP/1.1", ec);
  return !ec && check_whole_head();
}

/// What only all headers together show.
bool request_parser::check_whole_head() {
  beast::error_code ec;
  head.chunked = transfer_encodings_ > 0;
  if (const auto length = content_length()) head.content_length = *length;
  if (head.http11 && hosts_ == 0) refuse(400, "Host: missing", ec);
  if (head.chunked && head.content_length)
    refuse(400, "Content-Length: not allowed beside Transfer-Encoding", ec);
  if (head.chunked && !head.http11) refuse(400, "Transfer-Encoding: not known to HTTP/1.0", ec);
  if (!head.http11) head.expect_continue = false;
  head.keep_alive = keep_alive();
  in_body_ = true;
  return !ec;
}

std::size_t request_parser::put_body(std::string_view text) {
  if (text.empty()) return 0;
  beast::error_code ec;
  const auto used = put({text.data(), text.size()}, ec);
  if (ec && ec != http::error::need_more && !body_too_large)
    refuse(400, "the chunked body is not well-formed", ec);
  return used;
}

void request_parser::refuse(int with, std::string why, error_code& ec) {
  ec = http::error::bad_field;
  status = with;
  problem = std::move(why);
}

void request_parser::on_request_impl(http::verb, string_view name, string_view target, int version,
                                     error_code& ec) {
  head.method = method_from(std::string_view{name.data(), name.size()});
  head.http11 = version == 11;
  std::string_view t{target.data(), target.size()};
  if (!std::all_of(t.begin(), t.end(), [](char c) { return c > ' ' && c < '\x7f' && c != '#'; }))
    return refuse(
        400, "request target: only printable ASCII without '#' is allowed, the rest must be percent-encoded",
        ec);
  for (const std::string_view scheme : {"http://", "https://"}) {  // absolute form, RFC 9112 section 3.2.2
    if (!iequals(t.substr(0, scheme.size()), scheme)) continue;
    t.remove_prefix(scheme.size());
    const auto host = t.substr(0, t.find_first_of("/?"));
    if (host.empty() || host.find('@') != host.npos) return refuse(400, "request target: not a host", ec);
    t.remove_prefix(host.size());
    if (t.empty() || t.front() == '?') return split_target("/", t.empty() ? t : t.substr(1));
  }
  if (t.front() != '/' && !(t == "*" && head.method == http_method::options))
    return refuse(400, "request target: must begin with '/'", ec);
  const auto mark = std::min(t.find('?'), t.size());
  split_target(t.substr(0, mark), t.substr(std::min(mark + 1, t.size())));
}

void request_parser::split_target(std::string_view path, std::string_view query) {
  head.path = path;
  head.query = query;
}

void request_parser::on_field_impl(http::field field, string_view name, string_view text, error_code& ec) {
  if (in_body_) return;  // a trailer's fields are of no meaning here
  const std::string_view value{text.data(), text.size()};
  switch (field) {
    case http::field::host:
      if (++hosts_ > 1) return refuse(400, "Host: given twice", ec);
      if (value.find_first_of(" \t/?#@\\,") != value.npos) return refuse(400, "Host: not a host", ec);
      return;
    case http::field::transfer_encoding:
      ++transfer_encodings_;
      if (!iequals(value, "chunked"))
        return refuse(501, "Transfer-Encoding: only `chunked` is understood", ec);
      return;
    case http::field::content_length:
      if (++content_lengths_ > 1) return refuse(400, "Content-Length: given twice", ec);
      if (!parse_number(value)) return refuse(400, "Content-Length: not a number", ec);
      return;
    case http::field::content_encoding:
      if (iequals(value, "identity") || value.empty()) return;
      return refuse(415, "Content-Encoding: only `identity` is understood", ec);
    case http::field::expect:
      if (!iequals(value, "100-continue"))
        return refuse(400, "Expect: only `100-continue` is understood", ec);
      head.expect_continue = true;
      return;
    case http::field::accept:
      return add_to_list(head.accept, value);
    case http::field::authorization:
      head.authorization.emplace_back(value);
      return;
    case http::field::origin:
      head.origin = value;
      return;
    case http::field::access_control_request_method:
      head.cors_method = value;
      return;
    case http::field::access_control_request_headers:
      head.cors_headers = value;
      return;
    default:
      break;
  }
  if (iequals({name.data(), name.size()}, "x-api-key")) {
    head.api_key.emplace_back(value);
  } else if (iequals({name.data(), name.size()}, "last-event-id")) {
    head.last_event_id.emplace_back(value);
  } else if (iequals({name.data(), name.size()}, "idempotency-key")) {
    if (head.idempotency_key && *head.idempotency_key != value)
      return refuse(400, "Idempotency-Key: given twice with different values", ec);
    head.idempotency_key = value;
  } else if (iequals({name.data(), name.size()}, "x-stainless-retry-count")) {
    head.retry_count = parse_number(value).value_or(0);
  } else if (iequals({name.data(), name.size()}, "x-stainless-lang")) {
    head.sdk = value;
  } else if (iequals({name.data(), name.size()}, "x-stainless-helper")) {
    add_to_list(head.sdk_helper, value);
  }
}

void request_parser::on_body_init_impl(boost::optional<std::uint64_t> const& length, error_code&) {
  // Room is taken as the bytes come, not as they are announced.
  if (!in_pieces)
    body.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(length.value_or(0), 64 * 1024)));
}

std::size_t request_parser::on_body_impl(string_view part, error_code&) {
  keep(body, {part.data(), part.size()}, in_pieces ? 0 : head.content_length.value_or(0));
  return part.size();
}

// Beast's own limit cannot be told from other errors, nor set behind the head.
void request_parser::on_chunk_header_impl(std::uint64_t size, string_view, error_code& ec) {
  if (size > max_body - announced_) {
    body_too_large = true;
    ec = http::error::body_limit;
    return;
  }
  announced_ += size;
  chunk_left_ = size;
}

std::size_t request_parser::on_chunk_body_impl(std::uint64_t, string_view part, error_code&) {
  keep(body, {part.data(), part.size()}, in_pieces ? 0 : max_body);
  chunk_left_ -= part.size();
  return part.size();
}

}  // namespace sandbase
