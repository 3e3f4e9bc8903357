// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE stream_wire
#include "http/wire/stream_wire.hpp"

#include "test/unit/support/test.hpp"

using namespace sandbase;
using namespace std::chrono_literals;

namespace {

stream_reader reader_of(std::string accept, std::string sdk) {
  request_head head;
  head.accept = std::move(accept);
  head.sdk = std::move(sdk);
  return stream_reader::of(head);
}

const auto browser = reader_of("text/event-stream", "");
const auto program = reader_of("*/*", "");
const auto javascript = reader_of("application/json", "js");
const auto csharp = reader_of("", "csharp");

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

}  // namespace

CAF_TEST(an EventSource is who asks for streams and is none of the sdks) {
  const struct {
    std::string accept, sdk;
    bool event_source;
  } rows[] = {
      {"text/event-stream", "", true},
      {"Text/Event-Stream; q=0.9", "", true},
      {"application/json, text/event-stream", "", true},
      {"text/event-stream", "python", false},
      {"*/*", "", false},
      {"text/event-streams", "", false},
      {"", "", false},
  };
  for (const auto& row : rows) {
    CAF_MESSAGE(row.accept << ' ' << row.sdk);
    CAF_CHECK_EQUAL(reader_of(row.accept, row.sdk).event_source, row.event_source);
    CAF_CHECK_EQUAL(reader_of(row.accept, row.sdk).sdk, !row.sdk.empty());
  }
}

CAF_TEST(done is a frame of its own that no sdk parses) {
  for (const auto& reader : {browser, program, javascript})
    CAF_CHECK_EQUAL(done_frame_for(reader), "data: [DONE]\n\n");
  CAF_CHECK_EQUAL(done_frame_for(csharp), "event: ping\ndata: [DONE]\n\n");
}

CAF_TEST(how far a stream is has data for those who ignore an id without) {
  CAF_CHECK_EQUAL(progress_ping("sevt_1"), "event: ping\nid: sevt_1\ndata: {\"type\":\"ping\"}\n\n");
  CAF_CHECK_EQUAL(closing_id(browser, ""), "event: ping\nid: start\ndata: {\"type\":\"ping\"}\n\n");
  for (const auto& reader : {program, javascript, csharp}) {
    CAF_CHECK_EQUAL(closing_id(reader, "sevt_1"), "id: sevt_1\n\n");
    CAF_CHECK_EQUAL(closing_id(reader, ""), "id: start\n\n");
  }
}

CAF_TEST(an end that is not the end is told so that its reader sees it) {
  for (const std::string_view reason : {"shutdown", "max_age", "token_expired", "moved"}) {
    const auto ping = closing_frame(program, reason, 2500ms, "req_1");
    CAF_CHECK_EQUAL(ping, "retry: 2500\nevent: ping\ndata: {\"type\":\"ping\",\"closing\":\"" +
                              std::string{reason} + "\"}\n\n");
    for (const auto& sdk : {javascript, csharp}) {
      const auto error = closing_frame(sdk, reason, 2500ms, "req_1");
      CAF_CHECK(error.starts_with("retry: 2500\nevent: error\ndata: {\"type\":\"error\""));
      CAF_CHECK(contains(error, "\"type\":\"overloaded_error\""));
      CAF_CHECK(contains(error, "\"request_id\":\"req_1\""));
      CAF_CHECK(error.ends_with("}\n\n"));
    }
  }
}

CAF_TEST(a head says how the body ends) {
  stream_plan plan;
  plan.request_id = "req_1";
  plan.extra = "X: y\r\n";
  const auto chunked = stream_head(plan, body_end::by_chunk, 0, true);
  CAF_CHECK(chunked.starts_with("HTTP/1.1 200 OK\r\n"));
  for (const std::string_view line :
       {"Content-Type: text/event-stream; charset=utf-8\r\n", "Cache-Control: no-cache, no-transform\r\n",
        "X-Accel-Buffering: no\r\n", "Transfer-Encoding: chunked\r\n", "request-id: req_1\r\n", "X: y\r\n"})
    CAF_CHECK(contains(chunked, line));
  const auto known = stream_head(plan, body_end::by_length, 17, true);
  CAF_CHECK(contains(known, "Content-Length: 17\r\n"));
  CAF_CHECK(!contains(known, "Transfer-Encoding"));
  const auto open = stream_head(plan, body_end::by_close, 0, false);
  CAF_CHECK(contains(open, "Connection: close\r\n"));
  CAF_CHECK(!contains(open, "Content-Length"));
  CAF_CHECK(!contains(open, "Transfer-Encoding"));
}

CAF_TEST(stopping an EventSource takes no body) {
  stream_plan plan;
  plan.request_id = "req_1";
  const auto answer = stop_answer(plan);
  CAF_CHECK(answer.starts_with("HTTP/1.1 204 "));
  CAF_CHECK(answer.ends_with("\r\n\r\n"));
  CAF_CHECK(!contains(answer, "Content-Length"));
  CAF_CHECK(!contains(answer, "Content-Type"));
}

CAF_TEST(parts become chunks) {
  const auto written = [](std::string_view text, bool chunked, bool last) {
    outbox out;
    outbox part;
    part.add(text);
    append_part(out, std::move(part), chunked, last);
    return out.flatten();
  };
  CAF_CHECK_EQUAL(written("0123456789abcdef", true, false), "10\r\n0123456789abcdef\r\n");
  CAF_CHECK_EQUAL(written("x", true, true), "1\r\nx\r\n0\r\n\r\n");
  CAF_CHECK_EQUAL(written("", true, true), "0\r\n\r\n");
  CAF_CHECK_EQUAL(written("", true, false), "");
  CAF_CHECK_EQUAL(written("x", false, true), "x");
}
