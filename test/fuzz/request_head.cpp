// SPDX-License-Identifier: Apache-2.0
// The head of a request and its body, out of the bytes of a connection.
#include "http/wire/request_reader.hpp"
#include "http/wire/text.hpp"
#include "test/fuzz/support/fuzz.hpp"

#include <optional>

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

using state = request_reader::state;

/// The head at the front of `text`; empty: it is refused, for a reason that is told.
std::optional<request_head> parse(std::string_view text) {
  request_reader reader{1 << 20, max_body};
  reader.feed(text);
  demand(reader.read_head() != state::head, "a head with a blank line is whole", text);
  if (reader.now() != state::refused) return reader.head();
  demand(reader.status() >= 400 && !reader.problem().empty(), "a refusal has a reason", text);
  return std::nullopt;
}

void check_head(std::string_view text) {
  const auto head = parse(text);
  if (!head) return;
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
  const auto again = parse(plain);
  demand(again.has_value(), "what was understood can be said plainly", plain);
  demand(write(*again) == plain, "a plain head is read as it is", plain);
}

/// However the bytes arrive, a head ends at the first blank line. Without carriage returns it is none, and
/// that is found out then.
std::size_t check_end_of_head(std::string_view bytes, std::size_t step) {
  const auto bare = bytes.find("\n\n");
  const auto blank = bytes.find("\n\r\n");
  const std::size_t expected = bare < blank ? bare + 2 : blank != bytes.npos ? blank + 3 : 0;
  request_reader reader{1 << 20, max_body};
  std::size_t fed = 0;
  while (fed < bytes.size() && reader.read_head() == state::head) {
    const auto part = bytes.substr(fed, step);
    reader.feed(part);
    fed += part.size();
  }
  const bool found = reader.now() != state::head || reader.read_head() != state::head;
  demand(found == (expected > 0), "a head ends at the first blank line", bytes);
  const auto head = bytes.substr(0, expected);
  demand(head.empty() || head.ends_with("\r\n\r\n") || !parse(head), "bare line feeds are refused", head);
  return expected;
}

struct read_body {
  std::string body;
  request_reader::state end = state::head;
};

read_body feed(std::string_view framing, std::string_view bytes, std::size_t step) {
  request_reader reader{1 << 20, max_body};
  reader.feed("POST / HTTP/1.1\r\nHost: x\r\n" + std::string{framing} + "\r\n\r\n");
  auto now = reader.read_head();
  while (now == state::body && !bytes.empty()) {
    const auto part = bytes.substr(0, step);
    reader.feed(part);
    bytes.remove_prefix(part.size());
    now = reader.now() == state::body ? reader.read_body() : reader.now();
  }
  return {reader.body(), now};
}

constexpr std::string_view chunked = "Transfer-Encoding: chunked";

void check_body(std::string_view framing, std::string_view bytes, std::size_t step) {
  const auto whole = feed(framing, bytes, bytes.size() + 1);
  const auto pieces = feed(framing, bytes, step);
  demand(whole.end == pieces.end, "a body ends the same however it arrives", bytes);
  demand(whole.body == pieces.body, "a body is the same however it arrives", bytes);
  demand(whole.body.size() <= max_body, "a body keeps to its limit");
  if (whole.end != state::whole) return;
  if (framing != chunked) return demand(bytes.starts_with(whole.body), "a plain body");
  std::string again;
  for (const char c : whole.body) again.append("1\r\n").append(1, c).append("\r\n");
  const auto rewritten = feed(chunked, again + "0\r\n\r\n", step);
  demand(rewritten.end == state::whole && rewritten.body == whole.body, "chunks have no meaning");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::input in{data, size};
  const auto step = in.choice(9) + 1;
  auto bytes = in.text();
  auto head = bytes;
  // Blank lines before a request belong to no head: RFC 9112, section 2.2.
  while (head.starts_with("\r\n")) head.remove_prefix(2);
  if (const auto end = check_end_of_head(head, step); end > 0) {
    check_head(head.substr(0, end));
    bytes = head.substr(end);
  }
  check_body(chunked, bytes, step);
  check_body("Content-Length: " + std::to_string(std::min(bytes.size() / 2, max_body)), bytes, step);
  return 0;
}
