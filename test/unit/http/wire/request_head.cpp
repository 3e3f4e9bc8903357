#define CAF_SUITE request_head
#include "test/unit/http/support/http_fixture.hpp"
// The framework's header comes first.
#include "http/wire/request_head.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

result<request_head> parse(const std::string& lines) { return parse_request_head(lines + "\r\n"); }

// By value: the framework's macros keep references, which would outlive the temporaries here.
std::string path_of(const result<request_head>& head) { return head ? head->path : head.error().message; }
std::string query_of(const result<request_head>& head) { return head ? head->query : head.error().message; }

struct refusal {
  std::string lines;
  /// Of the message.
  std::string part;
};

}  // namespace

CAF_TEST(reads what the service needs) {
  const auto head = parse(
      "POST /v1/sessions/a%20b?x=1&y=%202 HTTP/1.1\r\nhost: h:80\r\nContent-Length: 12\r\nAuthorization: "
      "Bearer k\r\n"
      "X-API-Key: k\r\nIdempotency-Key: i\r\nLast-Event-ID: sevt_1\r\nx-stainless-retry-count: 2\r\n"
      "Expect: 100-continue\r\nOrigin: https://o\r\nAccept: text/event-stream\r\nAccept: */*\r\n"
      "X-Stainless-Lang: js\r\nx-stainless-helper: a\r\nx-stainless-helper: session-tool-runner\r\n");
  if (!head) CAF_FAIL(head.error().message);
  CAF_CHECK(head->method == http_method::post);
  CAF_CHECK_EQUAL(head->path, "/v1/sessions/a%20b");
  CAF_CHECK_EQUAL(head->query, "x=1&y=%202");
  CAF_CHECK(head->http11);
  CAF_CHECK(head->keep_alive);
  CAF_CHECK_EQUAL(head->content_length.value(), 12u);
  CAF_CHECK_EQUAL(head->authorization.at(0), "Bearer k");
  CAF_CHECK_EQUAL(head->api_key.at(0), "k");
  CAF_CHECK_EQUAL(*head->idempotency_key, "i");
  CAF_CHECK_EQUAL(head->accept, "text/event-stream,*/*");
  CAF_CHECK_EQUAL(head->sdk, "js");
  CAF_CHECK_EQUAL(head->sdk_helper, "a,session-tool-runner");
  CAF_CHECK_EQUAL(head->last_event_id.at(0), "sevt_1");
  CAF_CHECK_EQUAL(head->retry_count, 2u);
  CAF_CHECK(head->expect_continue);
  CAF_CHECK_EQUAL(head->origin, "https://o");
}

CAF_TEST(reads the target in absolute form) {
  CAF_CHECK_EQUAL(path_of(parse("GET http://x/a?b HTTP/1.1\r\nHost: x\r\n")), "/a");
  CAF_CHECK_EQUAL(query_of(parse("GET http://x/a?b HTTP/1.1\r\nHost: x\r\n")), "b");
  CAF_CHECK_EQUAL(path_of(parse("GET http://x HTTP/1.1\r\nHost: x\r\n")), "/");
  CAF_CHECK_EQUAL(query_of(parse("GET http://x?q HTTP/1.1\r\nHost: x\r\n")), "q");
}

CAF_TEST(tells whether the connection goes on) {
  CAF_CHECK(parse("GET / HTTP/1.1\r\nHost: x\r\n")->keep_alive);
  CAF_CHECK(!parse("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n")->keep_alive);
  CAF_CHECK(!parse("GET / HTTP/1.0\r\n")->keep_alive);
  CAF_CHECK(parse("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n")->keep_alive);
}

CAF_TEST(refuses what could be read in two ways) {
  const std::string start = "POST / HTTP/1.1\r\nHost: x\r\n";
  const std::vector<refusal> table = {
      {start + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding"},
      {start + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n", "Transfer-Encoding"},
      {start + "Content-Length: 1\r\nContent-Length: 2\r\n", "Content-Length: given twice"},
      {start + "Content-Length: 1\r\nContent-Length: 1\r\n", "Content-Length: given twice"},
      {start + "Content-Length: 1, 2\r\n", "Content-Length: given twice"},
      {start + "Content-Length: +1\r\n", "Content-Length"},
      {start + "Content-Length: -1\r\n", "Content-Length"},
      {start + "Content-Length: 0x10\r\n", "Content-Length"},
      {start + "Content-Length: 99999999999999999999999\r\n", "Content-Length"},
      {start + "Content-Length:\r\n", "Content-Length"},
      {start + "Transfer-Encoding: gzip\r\n", "only `chunked`"},
      {start + "Transfer-Encoding: gzip, chunked\r\n", "only `chunked`"},
      {start + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
       "Transfer-Encoding: given twice"},
      {start + "Transfer-Encoding: identity\r\nContent-Length: 3\r\n", "only `chunked`"},
      {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n", "not known to HTTP/1.0"},
      {"GET / HTTP/1.1\r\n", "Host: missing"},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n", "Host: given twice"},
      {"GET / HTTP/1.1\r\nHost: a b\r\n", "Host: not a host"},
      {start + "X-A: b\r\n c\r\n", "second line"},
      {start + "X-A: b\r\n\tc\r\n", "second line"},
      {start + "X-A: b\rc\r\n", "not valid"},
      {start + "X-A: b\nX-B: c\r\n", "not valid"},
      {start + std::string("X-A: b\0c\r\n", 10), "not valid"},
      {start + "X A: b\r\n", "not valid"},
      {start + "X-A : b\r\n", "not valid"},
      {start + ": b\r\n", "not valid"},
      {start + "no colon\r\n", "not valid"},
      {start + "Expect: 200-ok\r\n", "Expect"},
      {start + "Idempotency-Key: a\r\nIdempotency-Key: b\r\n", "Idempotency-Key"},
      {"GET / HTTP/2.0\r\nHost: x\r\n", "only HTTP/1.0 and HTTP/1.1"},
      {"GET / HTTP/1.1 \r\nHost: x\r\n", "only HTTP/1.0 and HTTP/1.1"},
      {"GET /a b HTTP/1.1\r\nHost: x\r\n", "request"},
      {"GET  / HTTP/1.1\r\nHost: x\r\n", "request target"},
      {"GET a HTTP/1.1\r\nHost: x\r\n", "must begin with '/'"},
      {"GET * HTTP/1.1\r\nHost: x\r\n", "must begin with '/'"},
      {"GET http:///a HTTP/1.1\r\nHost: x\r\n", "request target: not a host"},
      {"GET http://a@x/ HTTP/1.1\r\nHost: x\r\n", "request target: not a host"},
      {"GET /#f HTTP/1.1\r\nHost: x\r\n", "request target"},
      {"GET /\xc3\xa4 HTTP/1.1\r\nHost: x\r\n", "request target"},
      {"G@T / HTTP/1.1\r\nHost: x\r\n", "not a method"},
      {" GET / HTTP/1.1\r\nHost: x\r\n", "not a method"},
      {"GET /\r\nHost: x\r\n", "request"},
      {"GET / HTTP/1.1\nHost: x\n\n", "lines must end with CR LF"},
      {"GET / HTTP/1.1\r\nHost: x\n", "lines must end with CR LF"},
  };
  for (const auto& [lines, part] : table) {
    const auto head = parse(lines);
    if (head) CAF_FAIL("not refused: " << lines);
    CAF_CHECK(head.error().code == errc::invalid);
    if (!contains(head.error().message, part)) CAF_ERROR(lines << ": " << head.error().message);
  }
}

CAF_TEST(finds the end of a head wherever it is cut) {
  // The last three are to be refused, and that at once.
  for (const std::string head : {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\nHost: x\n\n",
                                 "GET / HTTP/1.1\r\nHost: x\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\n"}) {
    for (std::size_t cut = 0; cut < head.size(); ++cut) {
      std::size_t searched = 0;
      CAF_CHECK_EQUAL(find_head(std::string_view{head}.substr(0, cut), searched), 0u);
      CAF_CHECK_EQUAL(find_head(head + "rest", searched), head.size());
    }
  }
}

// The same through a connection: a refusal ends it, so that nothing
// behind the bad head is taken for a request.
CAF_TEST_FIXTURE_SCOPE(bad_head_tests, http_fixture)

CAF_TEST(a bad head ends the connection) {
  auto client = connect();
  const auto answer = exchange(
      client,
      "POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
      "0\r\n\r\nGET /v1/sessions HTTP/1.1\r\nHost: x\r\n\r\n");
  CAF_CHECK_EQUAL(status_of(answer), 400);
  CAF_CHECK_EQUAL(header_of(answer, "Connection"), "close");
  CAF_CHECK(contains(answer, "invalid_request_error"));
  CAF_CHECK(answer.find("HTTP/1.1", 1) == answer.npos);
  CAF_CHECK(client.closed());
}

CAF_TEST(a head beyond the limit is refused) {
  options.max_header_bytes = 1000;
  for (const std::string end : {"", "\r\n\r\n"}) {
    auto client = connect();
    const auto answer =
        exchange(client, "GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + std::string(1000, 'x') + end);
    CAF_CHECK_EQUAL(status_of(answer), 400);
    CAF_CHECK(contains(answer, "more than 1000 bytes"));
    CAF_CHECK(client.closed());
  }
}

CAF_TEST(blank lines before a request are skipped) {
  add_session("sess_a");
  auto client = connect();
  const auto answer = exchange(
      client, "\r\n\r\nGET /v1/sessions/sess_a HTTP/1.1\r\nHost: x\r\n" + std::string{key_header} + "\r\n");
  CAF_CHECK_EQUAL(status_of(answer), 200);
}

CAF_TEST_FIXTURE_SCOPE_END()
