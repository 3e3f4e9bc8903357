// SPDX-License-Identifier: Apache-2.0
// Takes the bytes that a server sent apart into responses; whatever is
// not as HTTP/1.1, the API or SSE say is a finding.
#pragma once

#include "events/log/frame.hpp"
#include "http/wire/text.hpp"
#include "test/fuzz/support/fuzz.hpp"

#include <map>
#include <vector>

namespace sandbase::fuzz {

struct response {
  int status = 0;
  /// Names in lower case.
  std::map<std::string, std::string> headers;
  std::string body;
  /// False: a stream that is under way.
  bool whole = true;
  bool close = false;

  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
  /// A stream whose last frame is `[DONE]`.
  bool done = false;
  bool is_stream() const { return header("content-type") == "text/event-stream; charset=utf-8"; }
  /// Whether a connection may end behind it. A stream that fails or asks its client to come again takes its
  /// connection with it, whatever its head said.
  bool is_last() const { return close || !whole || (is_stream() && !body.empty() && !done); }
};

class response_reader {
 public:
  /// `closed`: nothing comes behind `bytes`
  response_reader(std::string_view bytes, bool closed) : bytes_(bytes), rest_(bytes), closed_(closed) {}

  std::vector<response> read_all() {
    std::vector<response> all;
    while (!rest_.empty()) {
      demand(all.empty() || !all.back().is_last(), "nothing follows a last answer", bytes_);
      auto r = read_one();
      if (r.status == 100) continue;
      check(r);
      all.push_back(std::move(r));
    }
    return all;
  }

 private:
  std::string_view take_line() {
    const auto end = rest_.find("\r\n");
    demand(end != rest_.npos, "a line ends", bytes_);
    const auto line = rest_.substr(0, end);
    rest_.remove_prefix(end + 2);
    return line;
  }
  std::string_view take(std::size_t size) {
    const auto part = rest_.substr(0, size);
    rest_.remove_prefix(part.size());
    return part;
  }

  response read_one() {
    response r;
    const auto status_line = take_line();
    demand(status_line.starts_with("HTTP/1.1 ") && status_line.size() > 13, "a status line", bytes_);
    r.status = static_cast<int>(parse_number(status_line.substr(9, 3)).value_or(0));
    for (auto line = take_line(); !line.empty(); line = take_line()) {
      const auto colon = line.find(": ");
      demand(colon != line.npos && colon > 0, "a header line", line);
      for (const char c : line) demand(c >= ' ' && c < '\x7f', "a header is printable", line);
      const bool is_new = r.headers.emplace(to_lower(line.substr(0, colon)), line.substr(colon + 2)).second;
      demand(is_new, "a header is given once", line);
    }
    r.close = r.header("connection") == "close";
    // The answer to HEAD has no body whatever its headers say; no body begins like the next answer.
    if (r.status == 100 || r.status == 204 || rest_.starts_with("HTTP/1.1 ")) return r;
    read_body(r);
    return r;
  }

  void read_body(response& r) {
    if (r.headers.contains("content-length")) {
      const auto size = parse_number(r.header("content-length"));
      demand(size.has_value(), "a length is a number", bytes_);
      r.body = take(*size);
      demand(r.body.empty() || r.body.size() == *size, "a body has its length", bytes_);
    } else if (r.header("transfer-encoding") == "chunked") {
      read_chunks(r);
    } else if (r.close) {
      r.body = std::exchange(rest_, {});
      r.whole = closed_;
    }
  }

  void read_chunks(response& r) {
    r.whole = false;
    while (!rest_.empty()) {
      const auto size = std::stoul(std::string{take_line()}, nullptr, 16);
      const auto part = take(size);
      demand(part.size() == size && take(2) == "\r\n", "a chunk is whole", bytes_);
      r.body += part;
      r.whole = size == 0;
      if (r.whole) return;
    }
  }

  static std::string_view type_for(int status) {
    switch (status) {
      case 400:
      case 405:
      case 414:
      case 415:
      case 431:
      case 501:
        return "invalid_request_error";
      case 401:
        return "authentication_error";
      case 403:
        return "permission_error";
      case 404:
        return "not_found";
      case 409:
        return "conflict_error";
      case 413:
        return "request_too_large";
      case 429:
        return "rate_limit_error";
      case 500:
        return "api_error";
      case 503:
        return "overloaded_error";
      default:
        return {};
    }
  }

  void check(response& r) const {
    demand(r.status == 200 || r.status == 204 || !type_for(r.status).empty(), "a known status", bytes_);
    demand(r.header("request-id").starts_with("req_"), "an answer has an id", bytes_);
    if (r.is_stream()) return check_stream(r);
    if (r.body.empty()) return;  // to HEAD, or 204
    demand(r.header("content-type") == "application/json", "an answer is JSON", bytes_);
    demand(static_cast<bool>(json::validate(r.body)), "an answer is valid JSON", r.body);
    demand(r.body.find('\n') == r.body.npos, "an answer is one line", r.body);
    if (r.status != 200) check_error(r);
  }

  static std::string text_at(const json::value& object, std::string_view name) {
    const auto v = object.is(json::kind::object) ? object.find(name) : std::nullopt;
    return v && v->is(json::kind::string) ? v->as_string() : "";
  }

  static void check_error(const response& r) {
    const json::value root{r.body};
    demand(text_at(root, "type") == "error", "an error is called one", r.body);
    demand(text_at(root, "request_id") == r.header("request-id"), "an error names its request", r.body);
    const auto error = root.find("error");
    demand(error && text_at(*error, "type") == type_for(r.status), "an error has its status's type", r.body);
    demand(!text_at(*error, "message").empty(), "an error says what is wrong", r.body);
    demand(r.status != 405 || !r.header("allow").empty(), "405 tells the methods", r.body);
    demand(r.status != 401 || !r.header("www-authenticate").empty(), "401 tells how to come in", r.body);
    demand((r.status != 429 && r.status != 503) || !r.header("retry-after").empty(), "a wait is told",
           r.body);
  }

  static void check_stream(response& r) {
    std::string_view rest = r.body;
    std::string_view last;
    for (auto end = rest.find(frame_end); end != rest.npos; end = rest.find(frame_end)) {
      last = rest.substr(0, end + frame_end.size());
      rest.remove_prefix(last.size());
      demand(!last.ends_with(done_frame) || rest.empty(), "[DONE] is the end", r.body);
      check_frame(last.substr(0, end), r.body);
    }
    demand(rest.empty(), "frames are whole", r.body);
    r.done = last.ends_with(done_frame);
    const bool says_why =
        r.done || last.starts_with("event: error\n") || last.find("\"closing\":") != last.npos;
    if (r.whole && !r.body.empty()) demand(says_why, "a stream says why it ends", r.body);
    if (r.whole && r.header("transfer-encoding") == "chunked")
      demand(r.done || r.body.empty(), "only a whole stream has a last chunk", r.body);
  }

  static void check_frame(std::string_view frame, std::string_view body) {
    while (!frame.empty()) {
      const auto line = frame.substr(0, std::min(frame.find('\n'), frame.size()));
      frame.remove_prefix(std::min(line.size() + 1, frame.size()));
      if (line.starts_with("data: ") && line != "data: [DONE]")
        demand(static_cast<bool>(json::validate(line.substr(6))), "data is JSON", body);
      else
        demand(line == "data: [DONE]" || line.starts_with("event: ") || line.starts_with("id: ") ||
                   line.starts_with("retry: ") || line.starts_with(":"),
               "a line of a frame", body);
    }
  }

  std::string_view bytes_;
  std::string_view rest_;
  bool closed_;
};

}  // namespace sandbase::fuzz
