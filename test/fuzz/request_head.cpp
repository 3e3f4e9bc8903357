// The head of a request and its body, out of the bytes of a connection.
#include "http/wire/request_head.hpp"

#include "http/wire/body_reader.hpp"
#include "http/wire/text.hpp"
#include "test/fuzz/support/fuzz.hpp"

using namespace sandbase;
using fuzz::demand;

namespace {

constexpr std::size_t max_body = 2000;

/// The head with only what was understood of it, written as plainly as it can be.
std::string write(const request_head& head) {
  constexpr std::string_view names[] = {"GET", "HEAD", "POST", "DELETE", "OPTIONS", "OTHER"};
  std::string out{names[static_cast<std::size_t>(head.method)]};
  out.append(" ").append(head.path);
  if (!head.query.empty()) out.append("?").append(head.query);
  out.append(head.http11 ? " HTTP/1.1\r\nHost: x\r\n" : " HTTP/1.0\r\n");
  const auto line = [&](std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
  };
  if (head.keep_alive != head.http11) line("Connection", head.keep_alive ? "keep-alive" : "close");
  if (head.chunked) line("Transfer-Encoding", "chunked");
  if (head.content_length) line("Content-Length", std::to_string(*head.content_length));
  if (head.expect_continue) line("Expect", "100-continue");
  for (const auto& value : head.authorization) line("Authorization", value);
  for (const auto& value : head.api_key) line("x-api-key", value);
  for (const auto& value : head.last_event_id) line("Last-Event-ID", value);
  if (head.idempotency_key) line("Idempotency-Key", *head.idempotency_key);
  if (head.retry_count > 0) line("x-stainless-retry-count", std::to_string(head.retry_count));
  if (!head.origin.empty()) line("Origin", head.origin);
  if (!head.cors_method.empty()) line("Access-Control-Request-Method", head.cors_method);
  if (!head.cors_headers.empty()) line("Access-Control-Request-Headers", head.cors_headers);
  return out + "\r\n";
}

bool is_plain(std::string_view value) { return value.find_first_of("\r\n\0", 0, 3) == value.npos; }

void check_head(std::string_view text) {
  const auto head = parse_request_head(text);
  if (!head) return fuzz::demand_named_refusal(head.error());
  demand(!(head->chunked && head->content_length), "a body has one length", text);
  demand(head->http11 || !(head->chunked || head->expect_continue), "HTTP/1.0 knows neither", text);
  demand(head->path.starts_with('/') || (head->path == "*" && head->method == http_method::options),
         "a path begins with '/'", head->path);
  for (const char c : head->path + head->query)
    demand(c > ' ' && c < '\x7f' && c != '#', "a target is printable", head->path);
  demand(head->path.find('?') == head->path.npos, "a path has no query", head->path);
  for (const auto& values : {head->authorization, head->api_key, head->last_event_id})
    for (const auto& value : values) demand(is_plain(value), "a value is one line", value);
  demand(is_plain(head->origin) && is_plain(head->cors_headers), "a value is one line", head->origin);

  const auto plain = write(*head);
  const auto again = parse_request_head(plain);
  demand(static_cast<bool>(again), "what was understood can be said plainly",
         again ? "" : again.error().message);
  demand(write(*again) == plain, "a plain head is read as it is", plain);
}

/// However the bytes arrive, a head ends at the first blank line. Without carriage returns it is none, and
/// that is found out then.
std::size_t check_end_of_head(std::string_view bytes, std::size_t step) {
  const auto bare = bytes.find("\n\n");
  const auto blank = bytes.find("\n\r\n");
  const std::size_t expected = bare < blank ? bare + 2 : blank != bytes.npos ? blank + 3 : 0;
  std::size_t searched = 0;
  std::size_t found = 0;
  for (std::size_t n = 0; found == 0 && n < bytes.size();) {
    n = std::min(n + step, bytes.size());
    found = find_head(bytes.substr(0, n), searched);
  }
  demand(found == expected, "a head ends at the first blank line", bytes);
  const auto head = bytes.substr(0, expected);
  demand(head.empty() || head.ends_with("\r\n\r\n") || !parse_request_head(head),
         "bare line feeds are refused", head);
  return expected;
}

struct read_body {
  std::string body;
  std::size_t used = 0;
  body_reader::state state = body_reader::state::more;
};

read_body feed(body_reader reader, std::string_view bytes, std::size_t step) {
  read_body r;
  while (reader.now() == body_reader::state::more && r.used < bytes.size()) {
    const auto used = reader.feed(bytes.substr(r.used, step), r.body);
    demand(used > 0 && used <= step, "a body takes what it is given");
    r.used += used;
  }
  r.state = reader.now();
  return r;
}

void check_body(const body_reader& reader, bool chunked, std::string_view bytes, std::size_t step) {
  const auto whole = feed(reader, bytes, bytes.size() + 1);
  const auto pieces = feed(reader, bytes, step);
  demand(whole.state == pieces.state, "a body ends the same however it arrives", bytes);
  demand(whole.used == pieces.used && whole.body == pieces.body, "a body is the same however it arrives",
         bytes);
  demand(whole.body.size() <= max_body, "a body keeps to its limit");
  if (whole.state != body_reader::state::done) return;
  if (!chunked)
    return demand(bytes.starts_with(whole.body) && whole.used == whole.body.size(), "a plain body");
  demand(bytes.substr(0, whole.used).ends_with("\r\n"), "a chunked body ends a line", bytes);
  std::string again;
  for (const char c : whole.body) again.append("1\r\n").append(1, c).append("\r\n");
  const auto rewritten = feed(reader, again + "0\r\n\r\n", step);
  demand(rewritten.state == body_reader::state::done && rewritten.body == whole.body,
         "chunks have no meaning");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::input in{data, size};
  const auto step = in.choice(9) + 1;
  auto bytes = in.text();
  if (const auto end = check_end_of_head(bytes, step); end > 0) {
    check_head(bytes.substr(0, end));
    bytes.remove_prefix(end);
  }
  check_body(body_reader::of_chunks(max_body), true, bytes, step);
  check_body(body_reader::of_length(std::min(bytes.size() / 2, max_body)), false, bytes, step);
  return 0;
}
