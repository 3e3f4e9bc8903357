// A client that reads one followed stream as it comes, byte by byte if need be, and fails the test at
// anything that does not belong there.
#pragma once

#include "test/unit/http/support/http_client.hpp"
// The framework's header comes first.
#include "events/frame.hpp"

#include <optional>

namespace sandbase::test {

/// What a followed stream has told so far. Chunked bodies only.
class sse_client {
 public:
  explicit sse_client(client_end end) : end_(std::move(end)) {}

  // --- the connection -------------------------------------------------------------------

  client_end& connection() { return end_; }
  /// Reads what has come, at most `at_most` bytes. @returns whether anything had
  bool read(std::size_t at_most = ~std::size_t{0}) {
    const auto bytes = end_.receive(at_most);
    feed(bytes);
    return !bytes.empty();
  }
  void hang_up() { end_.hang_up(); }

  // --- what it has seen --------------------------------------------------------------------

  /// 0: no head yet.
  int status = 0;
  /// Of the response.
  std::string head;
  /// Of a response that is no stream: its body.
  std::string rest;
  /// Of stored events, whole.
  std::vector<std::string> frames;
  /// Of the same.
  std::vector<std::string> ids;
  std::vector<std::string> previews;
  /// What an EventSource would send as Last-Event-ID.
  std::string last_id;
  /// The id in the ping between history and live.
  std::optional<std::string> live_at;
  /// Events before that ping.
  std::size_t history = 0;
  int heartbeats = 0;
  /// Milliseconds.
  int retry = 0;
  /// Why, by a ping.
  std::string closing;
  /// Data of `event: error`.
  std::string error;
  /// `[DONE]`.
  bool done = false;
  /// The body has ended in the proper way.
  bool complete = false;
  /// It has not, and nothing more can come.
  bool cut() const { return !complete && end_.closed(); }
  /// Kinds of frames in their order: e(vent), p(review), l(ive),
  /// h(eartbeat), i(d, also as a ping), c(losing), x (error), d(one).
  std::string order;

 private:
  void feed(std::string_view bytes) {
    raw_ += bytes;
    if (status == 0 && !take_head()) return;
    if (!is_stream_) {
      rest += std::exchange(raw_, {});
      return;
    }
    while (take_chunk()) {
    }
    for (auto end = body_.find(frame_end); end != body_.npos; end = body_.find(frame_end)) {
      take_frame(body_.substr(0, end));
      body_.erase(0, end + frame_end.size());
    }
    if (complete && !body_.empty()) CAF_FAIL("the body ends within a frame: " << body_);
  }
  bool take_head() {
    const auto end = raw_.find("\r\n\r\n");
    if (end == raw_.npos) return false;
    head = raw_.substr(0, end + 4);
    raw_.erase(0, end + 4);
    status = status_of(head);
    is_stream_ = header_of(head, "Content-Type") == "text/event-stream; charset=utf-8";
    if (is_stream_ && header_of(head, "Transfer-Encoding") != "chunked") CAF_FAIL("not chunked: " << head);
    return true;
  }
  /// Moves the data of a whole chunk, or what is there of one, to the body.
  bool take_chunk() {
    if (complete && !raw_.empty()) CAF_FAIL("bytes behind the body: " << raw_);
    if (chunk_left_ == 0) {
      const auto eol = raw_.find("\r\n");
      if (eol == raw_.npos) return false;
      const auto digits = raw_.substr(0, eol);
      if (digits.empty() || digits.find_first_not_of("0123456789abcdef") != digits.npos)
        CAF_FAIL("not a chunk's size: " << digits);
      chunk_left_ = std::stoul(digits, nullptr, 16);
      if (chunk_left_ == 0) {
        if (raw_.size() < eol + 4) return false;
        if (raw_.compare(eol, 4, "\r\n\r\n") != 0) CAF_FAIL("trailers");
        raw_.erase(0, eol + 4);
        return complete = true;
      }
      raw_.erase(0, eol + 2);
      at_chunk_end_ = false;
    }
    if (!at_chunk_end_) {
      const auto n = std::min(chunk_left_, raw_.size());
      body_.append(raw_, 0, n);
      raw_.erase(0, n);
      if (n < chunk_left_) {
        chunk_left_ -= n;
        return false;
      }
      at_chunk_end_ = true;
    }
    if (raw_.size() < 2) return false;
    if (raw_.compare(0, 2, "\r\n") != 0) CAF_FAIL("a chunk's end is missing");
    raw_.erase(0, 2);
    chunk_left_ = 0;
    return true;
  }

  void take_frame(const std::string& frame) {
    if (done || !error.empty() || !closing.empty()) CAF_FAIL("a frame behind the end: " << frame);
    if (frame == ": keep-alive") {
      ++heartbeats;
      order += 'h';
    } else if (frame + "\n\n" == done_frame) {
      done = true;
      order += 'd';
    } else if (starts(frame, frame_before_id)) {
      const auto id_end = frame.find('\n', frame_before_id.size());
      last_id = frame.substr(frame_before_id.size(), id_end - frame_before_id.size());
      frames.push_back(frame + "\n\n");
      ids.push_back(last_id);
      order += 'e';
    } else if (starts(frame, "event: message\ndata: ")) {
      previews.push_back(frame);
      order += 'p';
    } else if (starts(frame, "event: ping\nid: ") &&
               contains(frame, "\ndata: {\"type\":\"ping\",\"caught_up\":true}")) {
      if (live_at) CAF_FAIL("caught up twice");
      const auto start = std::string_view{"event: ping\nid: "}.size();
      last_id = frame.substr(start, frame.find('\n', start) - start);
      live_at = last_id;
      history = frames.size();
      order += 'l';
    } else if (starts(frame, "event: ping\nid: ") && frame.ends_with("\ndata: {\"type\":\"ping\"}")) {
      const auto start = std::string_view{"event: ping\nid: "}.size();
      last_id = frame.substr(start, frame.find('\n', start) - start);
      order += 'i';
    } else if (starts(frame, "retry: ") && contains(frame, "\nevent: error\ndata: ")) {
      retry = std::atoi(frame.c_str() + 7);
      error = frame.substr(frame.find("data: ") + 6);
      order += 'x';
    } else if (starts(frame, "retry: ") &&
               contains(frame, "\nevent: ping\ndata: {\"type\":\"ping\",\"closing\":\"")) {
      retry = std::atoi(frame.c_str() + 7);
      const auto start = frame.find("\"closing\":\"") + 11;
      closing = frame.substr(start, frame.find('"', start) - start);
      order += 'c';
    } else if (starts(frame, "event: error\ndata: ")) {
      error = frame.substr(std::string_view{"event: error\ndata: "}.size());
      order += 'x';
    } else if (starts(frame, "id: ") && !contains(frame, "\n")) {
      last_id = frame.substr(4);
      order += 'i';
    } else {
      CAF_FAIL("not a frame of this API: " << frame);
    }
  }
  static bool starts(std::string_view text, std::string_view with) { return text.starts_with(with); }

  client_end end_;
  /// Of the connection, not yet taken apart.
  std::string raw_;
  /// Without the chunks around it, not yet taken apart.
  std::string body_;
  std::size_t chunk_left_ = 0;
  bool at_chunk_end_ = false;
  bool is_stream_ = false;
};

}  // namespace sandbase::test
