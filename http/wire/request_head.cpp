#include "http/wire/request_head.hpp"

#include "http/wire/text.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>

namespace sandbase {

namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

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

/// Lets Beast take the head apart and keeps what is read here, without a container of all headers.
class head_parser final : public http::basic_parser<true> {
 public:
  request_head head;
  /// A rule of ours that is broken.
  std::string problem;

  explicit head_parser(std::size_t size) {
    header_limit(static_cast<std::uint32_t>(size));
    skip(true);  // bodies are read by body_reader
  }

  int hosts = 0;
  int content_lengths = 0;
  int transfer_encodings = 0;

 private:
  void refuse(std::string why, beast::error_code& ec) {
    problem = std::move(why);
    ec = http::error::bad_field;
  }

  void on_request_impl(http::verb, beast::string_view name, beast::string_view target, int version,
                       beast::error_code& ec) override {
    head.method = method_from(std::string_view{name.data(), name.size()});
    head.http11 = version == 11;
    std::string_view t{target.data(), target.size()};
    if (!std::all_of(t.begin(), t.end(), [](char c) { return c > ' ' && c < '\x7f' && c != '#'; }))
      return refuse(
          "request target: only printable ASCII without '#' is allowed, the rest must be percent-encoded",
          ec);
    for (const std::string_view scheme : {"http://", "https://"}) {  // absolute form, RFC 9112 section 3.2.2
      if (!iequals(t.substr(0, scheme.size()), scheme)) continue;
      t.remove_prefix(scheme.size());
      const auto host = t.substr(0, t.find_first_of("/?"));
      if (host.empty() || host.find('@') != host.npos) return refuse("request target: not a host", ec);
      t.remove_prefix(host.size());
      if (t.empty() || t.front() == '?') return split_target("/", t.empty() ? t : t.substr(1));
    }
    if (t.front() != '/' && !(t == "*" && head.method == http_method::options))
      return refuse("request target: must begin with '/'", ec);
    const auto mark = std::min(t.find('?'), t.size());
    split_target(t.substr(0, mark), t.substr(std::min(mark + 1, t.size())));
  }

  void split_target(std::string_view path, std::string_view query) {
    head.path = path;
    head.query = query;
  }

  void on_field_impl(http::field field, beast::string_view name, beast::string_view text,
                     beast::error_code& ec) override {
    const std::string_view value{text.data(), text.size()};
    switch (field) {
      case http::field::host:
        if (++hosts > 1) return refuse("Host: given twice", ec);
        if (value.find_first_of(" \t/?#@\\,") != value.npos) return refuse("Host: not a host", ec);
        return;
      case http::field::transfer_encoding:
        ++transfer_encodings;
        if (!iequals(value, "chunked")) return refuse("Transfer-Encoding: only `chunked` is understood", ec);
        return;
      case http::field::content_length:
        if (++content_lengths > 1) return refuse("Content-Length: given twice", ec);
        if (!parse_number(value)) return refuse("Content-Length: not a number", ec);
        return;
      case http::field::expect:
        if (!iequals(value, "100-continue")) return refuse("Expect: only `100-continue` is understood", ec);
        head.expect_continue = true;
        return;
      case http::field::accept:
        add_to_list(head.accept, value);
        return;
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
        return refuse("Idempotency-Key: given twice with different values", ec);
      head.idempotency_key = value;
    } else if (iequals({name.data(), name.size()}, "x-stainless-retry-count")) {
      head.retry_count = parse_number(value).value_or(0);
    } else if (iequals({name.data(), name.size()}, "x-stainless-lang")) {
      head.sdk = value;
    } else if (iequals({name.data(), name.size()}, "x-stainless-helper")) {
      add_to_list(head.sdk_helper, value);
    }
  }

  // Never called: this parses no body and no response.
  void on_response_impl(int, beast::string_view, int, beast::error_code&) override {}
  void on_header_impl(beast::error_code&) override {}
  void on_body_init_impl(boost::optional<std::uint64_t> const&, beast::error_code&) override {}
  std::size_t on_body_impl(beast::string_view, beast::error_code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, beast::error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view, beast::error_code&) override { return 0; }
  void on_finish_impl(beast::error_code&) override {}
};

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

std::size_t find_head(std::string_view input, std::size_t& searched) {
  const auto from = searched > 2 ? searched - 2 : 0;
  searched = input.size();
  for (auto pos = input.find('\n', from); pos != input.npos; pos = input.find('\n', pos + 1)) {
    const auto next_line = input.substr(pos + 1);
    if (next_line.starts_with("\r\n")) return pos + 3;
    if (next_line.starts_with('\n')) return pos + 2;
  }
  return 0;
}

result<request_head> parse_request_head(std::string_view text) {
  if (!text.ends_with("\r\n\r\n")) return {errc::invalid, "request headers: lines must end with CR LF"};
  if (text.find("\r\n ") != text.npos || text.find("\r\n\t") != text.npos)
    return {errc::invalid, "request headers: a header may not go on in a second line"};
  head_parser parser{text.size() + 1};
  beast::error_code ec;
  const auto used = parser.put({text.data(), text.size()}, ec);
  if (ec) return {errc::invalid, parser.problem.empty() ? explain(ec) : parser.problem};
  if (used != text.size() || !parser.is_done()) return {errc::invalid, "request headers: not valid HTTP/1.1"};
  auto& head = parser.head;
  if (head.http11 && parser.hosts == 0) return {errc::invalid, "Host: missing"};
  head.chunked = parser.transfer_encodings > 0;
  if (const auto length = parser.content_length()) head.content_length = *length;
  if (head.chunked && head.content_length)
    return {errc::invalid, "Content-Length: not allowed beside Transfer-Encoding"};
  if (head.chunked && !head.http11) return {errc::invalid, "Transfer-Encoding: not known to HTTP/1.0"};
  if (!head.http11) head.expect_continue = false;
  head.keep_alive = parser.keep_alive();
  return std::move(head);
}

}  // namespace sandbase
