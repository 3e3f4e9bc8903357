// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE response
#include "http/wire/response.hpp"

#include "test/unit/support/test.hpp"

#include <array>

using namespace sandbase;

namespace {

std::string head_text(const response_head& head) {
  std::string text;
  append_head(text, head);
  return text;
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

constexpr std::array failures{errc::invalid,      errc::unauthorized, errc::forbidden,
                              errc::not_found,    errc::conflict,     errc::too_large,
                              errc::rate_limited, errc::unavailable,  errc::unknown_outcome,
                              errc::io_failed,    errc::corrupt,      errc::internal};

}  // namespace

CAF_TEST(a head says what the answer is) {
  response_head head;
  head.request_id = "req_1";
  head.extra = "Date: now\r\n";
  head.content_length = 2;
  CAF_CHECK_EQUAL(head_text(head),
                  "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
                  "request-id: req_1\r\nCache-Control: no-store\r\nDate: now\r\n\r\n");
}

CAF_TEST(a head is put behind what is there) {
  std::string text = "before";
  append_head(text, {});
  CAF_CHECK(text.starts_with("beforeHTTP/1.1 200 OK\r\n"));
  CAF_CHECK(text.ends_with("\r\n\r\n"));
}

CAF_TEST(the length of the body is told once or not at all) {
  response_head head;
  head.chunked = true;
  CAF_CHECK(contains(head_text(head), "Transfer-Encoding: chunked\r\n"));
  head.content_length = 0;
  CAF_CHECK(contains(head_text(head), "Content-Length: 0\r\n"));
  CAF_CHECK(!contains(head_text(head), "Transfer-Encoding"));
  head.chunked = false;
  head.content_length.reset();
  head.status = 204;
  head.content_type = {};
  const auto text = head_text(head);
  CAF_CHECK(text.starts_with("HTTP/1.1 204 No Content\r\n"));
  CAF_CHECK(!contains(text, "Content-") && !contains(text, "Transfer-Encoding"));
}

CAF_TEST(old clients are told that the connection stays) {
  response_head head;
  CAF_CHECK(!contains(head_text(head), "Connection"));
  head.http11 = false;
  CAF_CHECK(contains(head_text(head), "Connection: keep-alive\r\n"));
  head.close = true;
  CAF_CHECK(contains(head_text(head), "Connection: close\r\n"));
  CAF_CHECK(!contains(head_text(head), "keep-alive"));
  head.http11 = true;
  CAF_CHECK(contains(head_text(head), "Connection: close\r\n"));
}

CAF_TEST(an answer is not to be stored unless it says otherwise) {
  response_head head;
  CAF_CHECK(contains(head_text(head), "Cache-Control: no-store\r\n"));
  head.cache_control = "no-cache, no-transform";
  CAF_CHECK(contains(head_text(head), "Cache-Control: no-cache, no-transform\r\n"));
  CAF_CHECK(!contains(head_text(head), "no-store"));
}

CAF_TEST(every status has its reason) {
  struct row {
    int status;
    std::string_view reason;
  };
  for (const auto& [status, reason] :
       {row{200, "OK"}, row{204, "No Content"}, row{400, "Bad Request"}, row{401, "Unauthorized"},
        row{403, "Forbidden"}, row{404, "Not Found"}, row{405, "Method Not Allowed"}, row{409, "Conflict"},
        row{413, "Content Too Large"}, row{414, "URI Too Long"}, row{415, "Unsupported Media Type"},
        row{429, "Too Many Requests"}, row{431, "Request Header Fields Too Large"},
        row{500, "Internal Server Error"}, row{501, "Not Implemented"}, row{503, "Service Unavailable"}}) {
    response_head head;
    head.status = status;
    const auto line = "HTTP/1.1 " + std::to_string(status) + " " + std::string{reason} + "\r\n";
    CAF_CHECK_EQUAL(head_text(head).substr(0, line.size()), line);
  }
}

CAF_TEST(every failure has one status and type) {
  struct row {
    errc code;
    int status;
    std::string_view type;
    std::string_view lines;
  };
  for (const auto& [code, status, type, lines] :
       {row{errc::invalid, 400, "invalid_request_error", ""},
        row{errc::unauthorized, 401, "authentication_error", "WWW-Authenticate: Bearer\r\n"},
        row{errc::forbidden, 403, "permission_error", ""}, row{errc::not_found, 404, "not_found", ""},
        row{errc::conflict, 409, "conflict_error", "x-should-retry: false\r\n"},
        row{errc::too_large, 413, "request_too_large", ""},
        row{errc::rate_limited, 429, "rate_limit_error", "Retry-After: 1\r\n"},
        row{errc::unavailable, 503, "overloaded_error", "Retry-After: 1\r\n"}}) {
    const auto reply = to_reply({code, "events[0].type: missing"});
    CAF_CHECK_EQUAL(reply.status, status);
    CAF_CHECK_EQUAL(reply.type, type);
    CAF_CHECK_EQUAL(reply.message, "events[0].type: missing");
    CAF_CHECK_EQUAL(reply.lines, lines);
  }
}

CAF_TEST(a fault of ours says nothing internal) {
  for (const auto code : failures) {
    const auto reply = to_reply({code, "SELECT secret FROM keys"});
    if (reply.status != 500) continue;
    CAF_CHECK_EQUAL(reply.type, "api_error");
    CAF_CHECK(!contains(reply.message, "SELECT"));
    CAF_CHECK(!reply.message.empty());
  }
  CAF_CHECK(contains(to_reply({errc::unknown_outcome, "x"}).message, "unknown"));
}

CAF_TEST(statuses that no failure has are errors like the others) {
  for (const int status : {405, 414, 415, 431}) {
    const auto reply = error_with_status(status, "why");
    CAF_CHECK_EQUAL(reply.status, status);
    CAF_CHECK_EQUAL(reply.type, "invalid_request_error");
    CAF_CHECK_EQUAL(reply.message, "why");
    CAF_CHECK_EQUAL(reply.lines, "");
  }
  // A client that repeats what is answered with 5xx must not repeat this.
  const auto reply = error_with_status(501, "why");
  CAF_CHECK_EQUAL(reply.type, "invalid_request_error");
  CAF_CHECK_EQUAL(reply.lines, "x-should-retry: false\r\n");
}

CAF_TEST(an error is one json object) {
  CAF_CHECK_EQUAL(render_error(error_with_status(415, "say \"identity\"\n"), "req_1"),
                  R"({"type":"error","error":{"type":"invalid_request_error",)"
                  R"("message":"say \"identity\"\n"},"request_id":"req_1"})");
}
