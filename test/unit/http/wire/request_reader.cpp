// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE request_reader
#include "test/unit/http/support/http_fixture.hpp"
// The framework's header comes first.
#include "http/wire/request_reader.hpp"

#include <optional>

using namespace sandbase;
using namespace sandbase::test;

namespace {

using state = request_reader::state;

/// What became of a head.
struct outcome {
  std::optional<request_head> head;
  int status = 0;
  std::string problem;
  const request_head* operator->() const { return &*head; }
};

outcome parse(const std::string& lines) {
  request_reader reader{16 * 1024, 1000};
  reader.feed(lines + "\r\n");
  if (reader.read_head() == state::refused) return {std::nullopt, reader.status(), reader.problem()};
  if (reader.now() == state::head) CAF_FAIL("not whole: " << lines);
  return {reader.head(), 0, {}};
}

// By value: the framework's macros keep references, which would outlive the temporaries here.
std::string path_of(const outcome& o) { return o.head ? o->path : o.problem; }
std::string query_of(const outcome& o) { return o.head ? o->query : o.problem; }

/// A request that has a body, as it is read in portions.
struct read_request {
  state end;
  std::string body;
  std::string rest;
};

read_request read(std::string_view framing, std::string_view input, std::size_t portion,
                  std::size_t most = 100) {
  request_reader reader{16 * 1024, most};
  reader.feed("POST / HTTP/1.1\r\nHost: x\r\n" + std::string{framing} + "\r\n\r\n");
  reader.read_head();
  while (reader.now() == state::body && !input.empty()) {
    reader.feed(input.substr(0, portion));
    input.remove_prefix(std::min(portion, input.size()));
    if (reader.now() == state::body) reader.read_body();
  }
  read_request r{reader.now(), reader.body(), {}};
  if (r.end != state::whole) return r;
  // What is left is the head of the next request.
  reader.next();
  reader.feed(input);
  const std::string rest = "GET /rest HTTP/1.1\r\nHost: x\r\n\r\n";
  reader.feed(rest);
  if (reader.read_head() == state::whole) r.rest = reader.head().path;
  return r;
}
constexpr std::string_view chunked = "Transfer-Encoding: chunked";

struct refusal {
  std::string lines;
  /// Of the message.
  std::string part;
  int status = 400;
};

}  // namespace

CAF_TEST(reads what the service needs) {
  const auto head = parse(
      "POST /v1/sessions/a%20b?x=1&y=%202 HTTP/1.1\r\nhost: h:80\r\nContent-Length: 12\r\nAuthorization: "
      "Bearer k\r\n"
      "X-API-Key: k\r\nIdempotency-Key: i\r\nLast-Event-ID: sevt_1\r\nx-stainless-retry-count: 2\r\n"
      "Expect: 100-continue\r\nOrigin: https://o\r\nAccept: text/event-stream\r\nAccept: */*\r\n"
      "X-Stainless-Lang: js\r\nx-stainless-helper: a\r\nx-stainless-helper: session-tool-runner\r\n");
  if (!head.head) CAF_FAIL(head.problem);
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
      {start + "Transfer-Encoding: gzip\r\n", "only `chunked`", 501},
      {start + "Transfer-Encoding: gzip, chunked\r\n", "only `chunked`", 501},
      {start + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
       "Transfer-Encoding: given twice"},
      {start + "Transfer-Encoding: identity\r\nContent-Length: 3\r\n", "only `chunked`", 501},
      {start + "Content-Encoding: gzip\r\n", "only `identity`", 415},
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
  for (const auto& [lines, part, status] : table) {
    const auto head = parse(lines);
    if (head.head) CAF_FAIL("not refused: " << lines);
    if (head.status != status) CAF_ERROR(lines << ": " << head.status);
    if (!contains(head.problem, part)) CAF_ERROR(lines << ": " << head.problem);
  }
}

CAF_TEST(ignores an encoding that changes nothing) {
  CAF_CHECK(parse("POST / HTTP/1.1\r\nHost: x\r\nContent-Encoding: identity\r\n").head.has_value());
}

CAF_TEST(finds the end of a head wherever it is cut) {
  // The last three are to be refused, and that at once.
  for (const std::string head : {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\nHost: x\n\n",
                                 "GET / HTTP/1.1\r\nHost: x\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\n"}) {
    const auto good = head.ends_with("x\r\n\r\n");
    for (std::size_t portion = 1; portion <= head.size(); ++portion) {
      request_reader reader{1000, 1000};
      auto rest = std::string_view{head};
      while (!rest.empty()) {
        CAF_CHECK(reader.read_head() == state::head);
        reader.feed(rest.substr(0, portion));
        rest.remove_prefix(std::min(portion, rest.size()));
      }
      CAF_CHECK(reader.read_head() == (good ? state::whole : state::refused));
    }
  }
}

CAF_TEST(tells a long target from long headers) {
  const auto status = [](const std::string& input) {
    request_reader reader{100, 1000};
    reader.feed(input);
    return reader.read_head() == state::refused ? reader.status() : 0;
  };
  const std::string many(200, 'x');
  CAF_CHECK_EQUAL(status("GET /" + many), 414);
  CAF_CHECK_EQUAL(status("GET /" + many + " HTTP/1.1\r\nHost: x\r\n\r\n"), 414);
  CAF_CHECK_EQUAL(status("GET / HTTP/1.1\r\nX: " + many), 431);
  CAF_CHECK_EQUAL(status("GET / HTTP/1.1\r\nHost: x\r\nX: " + many + "\r\n\r\n"), 431);
}

CAF_TEST(tells the origin of a head that is refused) {
  for (const std::string lines :
       {"GET / HTTP/1.1\r\nOrigin: https://o\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\norigin:https://o\r\n\r\n",
        "GET / HTTP/1.1\r\nOrigin: https://o\r\nX: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}) {
    request_reader reader{60, 1000};
    reader.feed(lines);
    CAF_CHECK(reader.read_head() == state::refused);
    CAF_CHECK_EQUAL(reader.head().origin, "https://o");
  }
}

CAF_TEST(takes as much body as was announced) {
  for (const std::size_t portion : {1u, 2u, 100u}) {
    const auto r = read("Content-Length: 5", "hello", portion);
    CAF_CHECK(r.end == state::whole);
    CAF_CHECK_EQUAL(r.body, "hello");
    CAF_CHECK_EQUAL(r.rest, "/rest");
  }
  CAF_CHECK(read("Content-Length: 5", "hell", 100).end == state::body);
  request_reader reader{1000, 1000};
  reader.feed("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
  CAF_CHECK(reader.read_head() == state::whole);
}

CAF_TEST(joins chunks however they are cut) {
  const std::string input =
      "5\r\nhello\r\n00a;ext=\"v\"\r\n, worlds: \r\nB \t; x\r\nhello again\r\n0\r\nT: x\r\nU:\r\n\r\n";
  for (std::size_t portion = 1; portion <= input.size(); ++portion) {
    const auto r = read(chunked, input, portion);
    CAF_CHECK(r.end == state::whole);
    CAF_CHECK_EQUAL(r.body, "hello, worlds: hello again");
    CAF_CHECK_EQUAL(r.rest, "/rest");
  }
}

CAF_TEST(refuses chunks that are not well formed however they are cut) {
  const std::string long_line(request_reader::max_chunk_head_bytes, 'x');
  const std::vector<std::string> table = {
      "\r\n\r\n",
      "x\r\n\r\n",
      ";\r\n\r\n",
      "-1\r\n\r\n",
      "5\nhello\r\n",
      "5\r\nhelloo\r\n",
      "5\r\nhello\n0\r\n\r\n",
      "5\rhello",
      "0\r\n\r0",
      std::string("1;\0\r\n\r\n", 7),
      "fffffffffffffffff\r\n\r\n",
      "5 ext\r\nhello\r\n",
      "0\r\nT: \n\r\n\r\n",
      "0\r\nno colon\r\n\r\n",
      "0\r\nT\r\n\r\n",
      "0\r\n: x\r\n\r\n",
      "0\r\nT : x\r\n\r\n",
      "0\r\nT: x\r\n y\r\n\r\n",
      "0\r\nContent-Length: 5\r\n\r\n",
      "00000000000000005\r\nhello\r\n",
      "02635478901245670\r\n",
      "5;" + long_line + "\r\nhello\r\n",
      "0\r\nT: " + long_line + "\r\n\r\n",
  };
  for (const auto& input : table)
    for (const std::size_t portion : {1u, 7u, 100'000u})
      if (read(chunked, input, portion).end != state::refused) CAF_ERROR("not refused: " << input);
}

CAF_TEST(refuses a bare line feed in chunks at once) {
  for (const std::string_view input : {"5\n", "5;x\n", "0\r\nT: x\n", "0\r\n\n", "3\r\nabc\n"})
    for (const std::size_t portion : {1u, 100u})
      if (read(chunked, input, portion).end != state::refused) CAF_ERROR("not refused: " << input);
}

CAF_TEST(line ends in a chunk are bytes like others) {
  for (const std::string_view text : {"\n", "\r", " \n", "\n \t", "\r\n", "\r\n\r\n"})
    for (const std::size_t portion : {1u, 2u, 3u, 4u, 5u, 100u}) {
      const auto chunk = std::to_string(text.size()) + "\r\n" + std::string{text} + "\r\n";
      const auto r = read(chunked, chunk + chunk + "0\r\n\r\n", portion);
      CAF_CHECK(r.end == state::whole);
      CAF_CHECK_EQUAL(r.body, std::string{text} + std::string{text});
    }
}

CAF_TEST(stops at the limit of the body) {
  CAF_CHECK(read(chunked, "a\r\n0123456789\r\n0\r\n\r\n", 1000, 10).end == state::whole);
  CAF_CHECK(read(chunked, "b\r\n01", 1000, 10).end == state::too_large);
  CAF_CHECK(read(chunked, "6\r\n012345\r\n5\r\n0", 1000, 10).end == state::too_large);
  CAF_CHECK(read(chunked, "fffffffffffffff\r\n0", 1000, 10).end == state::too_large);
}

CAF_TEST(a body that is taken in pieces has no limit) {
  const std::string part(100, 'x');
  for (const bool in_chunks : {false, true}) {
    request_reader reader{16 * 1024, 50};
    reader.feed("POST / HTTP/1.1\r\nHost: x\r\n" +
                (in_chunks ? std::string{chunked} : "Content-Length: 100000") + "\r\n\r\n");
    CAF_REQUIRE(reader.read_head() == state::body);
    reader.take_in_pieces();
    std::size_t taken = 0;
    for (int i = 0; i < 1000; ++i) {
      CAF_REQUIRE(reader.now() == state::body);
      reader.feed(in_chunks ? "64\r\n" + part + "\r\n" : part);
      if (reader.now() == state::body) reader.read_body();
      if (reader.body().capacity() > 10'000) CAF_FAIL("room is made for what has not come");
      taken += std::exchange(reader.body(), {}).size();
    }
    CAF_CHECK_EQUAL(taken, 100'000u);
    if (in_chunks) {
      reader.feed("0\r\n\r\n");
      reader.read_body();
    }
    CAF_CHECK(reader.now() == state::whole);
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
    CAF_CHECK_EQUAL(status_of(answer), 431);
    CAF_CHECK(contains(answer, "longer than 1000 bytes (http.max_header_bytes)"));
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
