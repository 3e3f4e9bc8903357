// SPDX-License-Identifier: Apache-2.0
#include "test/unit/http/support/sse_client.hpp"

namespace sandbase::test {

void sse_client::feed(std::string_view bytes) {
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

bool sse_client::take_head() {
  const auto end = raw_.find("\r\n\r\n");
  if (end == raw_.npos) return false;
  head = raw_.substr(0, end + 4);
  raw_.erase(0, end + 4);
  status = status_of(head);
  is_stream_ = header_of(head, "Content-Type") == "text/event-stream; charset=utf-8";
  if (is_stream_ && header_of(head, "Transfer-Encoding") != "chunked") CAF_FAIL("not chunked: " << head);
  return true;
}

bool sse_client::take_chunk() {
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

void sse_client::take_frame(const std::string& frame) {
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

}  // namespace sandbase::test
