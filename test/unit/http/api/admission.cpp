// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE admission
#include "http/api/admission.hpp"

#include "http/wire/stream_token.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;
using namespace std::chrono_literals;

namespace {

constexpr timestamp now{std::chrono::milliseconds{1'780'000'000'000}};
constexpr std::string_view secret = "a secret of the store";

http_options make_options() {
  http_options o;
  o.cors_origins = {"https://a.example"};
  o.token_secret = secret;
  o.max_header_bytes = 1024;
  o.max_body_bytes = 100'000;
  o.max_bytes_in = 1000;
  o.max_bytes_in_per_workspace = 600;
  o.max_bytes_in_per_key = 400;
  return o;
}

class fixed_clock final : public wall_clock {
 public:
  explicit fixed_clock(timestamp at) : at_(at) {}

 private:
  timestamp read() const override { return at_; }
  timestamp at_;
};

struct fixture {
  server_state all{make_options(), {directory_actor{}, {}, {}, std::make_shared<const fixed_clock>(now)}};
  std::optional<request_reader> reader;
  exchange e;
  head_verdict verdict;

  using kind = head_verdict::kind;

  /// Judges a request that comes in one piece.
  const head_verdict& judge(std::string_view text, http_surface surface = http_surface::api) {
    e = {};
    reader.emplace(all.options.max_header_bytes, all.options.max_body_bytes);
    reader->feed(text);
    reader->read_head();
    return verdict = admit_head(e, *reader, surface, all);
  }
  const head_verdict& judge(std::string_view method, std::string_view path, std::string_view lines = {},
                            http_surface surface = http_surface::api) {
    return judge(std::string{method} + ' ' + std::string{path} + " HTTP/1.1\r\nHost: x\r\n" +
                     std::string{lines} + "\r\n",
                 surface);
  }
  static known_key key_of(api_key_id id, workspace_key workspace, key_budgets& budgets) {
    auto key = std::make_shared<api_key>();
    key->id = id;
    key->workspace = workspace;
    return {key, budgets.account(id), budgets.workspace_account(workspace), {}};
  }
  std::string token_for(std::string session, std::chrono::seconds life) {
    return stream_token{7, 3, now + life, std::move(session)}.seal(secret);
  }
};

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

}  // namespace

CAF_TEST_FIXTURE_SCOPE(admission_tests, fixture)

CAF_TEST(a good head goes to its route) {
  const struct {
    std::string_view method, path, name;
    kind what;
    http_surface surface = http_surface::api;
  } rows[] = {
      {"GET", "/v1/sessions", "list_sessions", kind::identify},
      {"HEAD", "/v1/sessions/sess_1", "get_session", kind::identify},
      {"POST", "/v1/sessions/sess_1/events?beta=true", "send_events", kind::identify},
      {"GET", "/v1/sessions/sess_1/events/stream?follow=true", "stream_events", kind::identify},
      {"GET", "/healthz", "health", kind::admitted, http_surface::admin},
      {"GET", "/readyz?verbose", "ready", kind::admitted, http_surface::admin},
  };
  for (const auto& row : rows) {
    CAF_MESSAGE(row.method << ' ' << row.path);
    CAF_CHECK(judge(row.method, row.path, {}, row.surface).what == row.what);
    CAF_REQUIRE(e.route.to);
    CAF_CHECK_EQUAL(e.route.to->name, row.name);
    CAF_CHECK(!e.close);
  }
  judge("GET", "/v1/sessions/sess_1/events?types=a,b");
  CAF_CHECK_EQUAL(e.route.session_id, "sess_1");
  CAF_CHECK_EQUAL(e.parameters.list("types").size(), 2u);
}

CAF_TEST(a bad head is refused with its status and its reason) {
  const std::string long_line(2000, 'x');
  const struct {
    std::string text;
    int status;
    std::string_view reason;
    bool close = true;
  } rows[] = {
      {"nonsense\r\n\r\n", 400, "request line"},
      {"GET /v1/sessions HTTP/1.1\r\n\r\n", 400, "Host: missing"},
      {"GET /" + long_line + " HTTP/1.1\r\nHost: x\r\n\r\n", 414, "http.max_header_bytes"},
      {"GET / HTTP/1.1\r\nHost: x\r\na: " + long_line + "\r\n\r\n", 431, "http.max_header_bytes"},
      {"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\n\r\n", 415, "Content-Encoding"},
      {"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501, "Transfer-Encoding"},
      {"GET /v1/nothing HTTP/1.1\r\nHost: x\r\n\r\n", 404, "/v1/sessions/{id}/events/stream", false},
      {"GET /v1/nothing HTTP/1.1\r\nHost: x\r\n\r\n", 404, "docs/compatibility.md", false},
      {"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 404, "there is nothing at this path", false},
      {"DELETE /v1/sessions HTTP/1.1\r\nHost: x\r\n\r\n", 405, "GET, HEAD, POST, OPTIONS", false},
      {"BREW /v1/sessions/sess_1 HTTP/1.1\r\nHost: x\r\n\r\n", 405, "GET, HEAD, POST, DELETE, OPTIONS",
       false},
      {"GET /v1/sessions?limit=%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400, "limit: not valid percent-encoded",
       false},
      {"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 100001\r\n\r\n", 413, "http.max_body_bytes",
       false},
      {"GET /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 16385\r\n\r\n", 413, "takes none", false},
      {"DELETE /v1/sessions/sess_1 HTTP/1.1\r\nHost: x\r\nContent-Length: 16385\r\n\r\n", 413, "takes none",
       false},
  };
  for (const auto& row : rows) {
    CAF_MESSAGE(row.text.substr(0, 60));
    CAF_REQUIRE(judge(row.text).what == kind::refused);
    CAF_CHECK_EQUAL(verdict.reply.status, row.status);
    CAF_CHECK(contains(verdict.reply.message, row.reason));
    CAF_CHECK_EQUAL(e.close, row.close);
  }
}

CAF_TEST(a method that a path does not know is told by allow) {
  judge("DELETE", "/v1/sessions/sess_1/events");
  CAF_CHECK(contains(verdict.reply.lines, "Allow: GET, HEAD, POST, OPTIONS\r\n"));
}

CAF_TEST(a page sees every refusal) {
  const std::string line = "Origin: https://a.example\r\n";
  const std::string allowed = "Access-Control-Allow-Origin: https://a.example\r\n";
  for (const auto& head : {"GET /v1/nothing HTTP/1.1\r\nHost: x\r\n" + line + "\r\n",
                           "GET /v1/sessions HTTP/1.1\r\nHost: x\r\nHost: y\r\n" + line + "\r\n",
                           "GET /v1/sessions HTTP/1.1\r\nHost: x\r\n" + line + "bad line\r\n\r\n"}) {
    CAF_REQUIRE(judge(head).what == kind::refused);
    CAF_CHECK(contains(e.lines, allowed));
  }
  judge("GET", "/v1/nothing", "Origin: https://b.example\r\n");
  CAF_CHECK(!contains(e.lines, "Access-Control-Allow-Origin"));
  judge("GET", "/healthz", line, http_surface::admin);
  CAF_CHECK_EQUAL(e.lines, "");
}

CAF_TEST(options are answered for paths that are there and for the whole server) {
  const std::string preflight =
      "Origin: https://a.example\r\nAccess-Control-Request-Method: POST\r\n"
      "Access-Control-Request-Headers: idempotency-key\r\n";
  CAF_CHECK(judge("OPTIONS", "/v1/sessions", preflight).what == kind::options);
  const auto lines = options_lines(e, http_surface::api, all);
  CAF_CHECK(contains(lines, "Allow: GET, HEAD, POST, OPTIONS\r\n"));
  CAF_CHECK(contains(lines, "Access-Control-Allow-Origin: https://a.example\r\n"));
  CAF_CHECK(contains(lines, "Access-Control-Allow-Headers: idempotency-key\r\n"));
  CAF_CHECK(judge("OPTIONS", "*").what == kind::options);
  CAF_CHECK(judge("OPTIONS", "/v1/nothing").what == kind::refused);
  CAF_CHECK(judge("OPTIONS", "/healthz", {}, http_surface::admin).what == kind::options);
  CAF_CHECK_EQUAL(options_lines(e, http_surface::admin, all), "Allow: GET, HEAD, OPTIONS\r\n");
}

CAF_TEST(a method without a use for a body skips a short one) {
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  for (const std::string_view method : {"GET", "HEAD", "DELETE"}) {
    CAF_CHECK(judge(method, "/v1/sessions/sess_1", "Content-Length: 16384\r\n").what == kind::identify);
    CAF_CHECK(judge(method, "/v1/sessions/sess_1", chunked).what == kind::identify);
    reader->feed("4000\r\n" + std::string(0x4000, 'x') + "\r\n");
    CAF_CHECK(reader->read_body() == request_reader::state::body);
    reader->feed("1\r\nx\r\n");
    CAF_CHECK(reader->read_body() == request_reader::state::too_large);
    CAF_CHECK(body_too_large(e, all).code == errc::too_large);
  }
}

CAF_TEST(a key comes by header) {
  judge("GET", "/v1/sessions", "x-api-key: sk-sb-1\r\n");
  const auto given = credential_of(e, all);
  CAF_REQUIRE(given);
  CAF_CHECK(given->question.hash == sha256("sk-sb-1"));
  CAF_CHECK(!given->is_token());
  judge("GET", "/v1/sessions");
  CAF_CHECK(credential_of(e, all).error().code == errc::unauthorized);
}

CAF_TEST(a stream token counts on its own stream until it expires) {
  const auto ask = [&](std::string_view path, const std::string& token) {
    judge("GET", std::string{path} + "?token=" + token, "x-api-key: sk-sb-1\r\n");
    return credential_of(e, all);
  };
  const auto good = ask("/v1/sessions/sess_1/events/stream", token_for("sess_1", 1s));
  CAF_REQUIRE(good);
  CAF_CHECK(good->is_token());
  CAF_CHECK_EQUAL(*good->workspace, 7);
  CAF_CHECK_EQUAL(good->question.id, 3);
  const std::pair<std::string, std::string_view> bad[] = {
      {token_for("sess_1", 0s), "expired"},
      {token_for("sess_2", 1s), "another session"},
      {"st_nonsense", "not a stream token"},
  };
  for (const auto& [token, reason] : bad) {
    const auto refused = ask("/v1/sessions/sess_1/events/stream", token);
    CAF_REQUIRE(!refused);
    CAF_CHECK(refused.error().code == errc::unauthorized);
    CAF_CHECK(contains(refused.error().message, reason));
  }
  // Elsewhere it is a name that nobody knows.
  CAF_CHECK(!ask("/v1/sessions/sess_1/events", token_for("sess_1", 1s))->is_token());
}

CAF_TEST(keys that are revoked unknown or of another workspace are no good) {
  const credential by_key{{sha256("sk"), 0}, std::nullopt};
  const credential by_token{{{}, 3}, 7};
  found_key found;
  CAF_CHECK(contains(judge_key(by_key, found).error().message, "not known"));
  CAF_CHECK(!judge_key(by_token, found));
  auto key = std::make_shared<api_key>();
  key->workspace = 7;
  found.key = key;
  CAF_CHECK(judge_key(by_key, found));
  CAF_CHECK(judge_key(by_token, found));
  CAF_CHECK(!judge_key({{{}, 3}, 8}, found));
  key->revoked_at = now;
  CAF_CHECK(contains(judge_key(by_key, found).error().message, "revoked"));
  CAF_CHECK(!judge_key(by_token, found));
}

CAF_TEST(viewers use routes that change nothing) {
  api_key viewer;
  viewer.may = role::viewer;
  api_key client;
  client.may = role::client;
  for (const auto& r : all_routes()) {
    const bool for_runtimes = r.open_to == access::runtimes;
    CAF_CHECK_EQUAL(static_cast<bool>(judge_role(r, client)), !for_runtimes);
    CAF_CHECK_EQUAL(static_cast<bool>(judge_role(r, viewer)), !changes_something(&r) && !for_runtimes);
  }
}

CAF_TEST(a body is leased from its key its workspace and the process) {
  const auto one = make_lease(key_of(1, 1, all.keys), all);
  CAF_CHECK(lease_body(*one, 300));
  CAF_CHECK(lease_body(*one, 300));  // the same bytes
  CAF_CHECK_EQUAL(all.bytes_in->used(), 300);
  const auto same_key = make_lease(key_of(1, 1, all.keys), all);
  const auto by_key = lease_body(*same_key, 101);
  CAF_CHECK(by_key.error().code == errc::rate_limited);
  CAF_CHECK(contains(by_key.error().message, "http.max_bytes_in_per_key"));
  const auto neighbour = make_lease(key_of(2, 1, all.keys), all);
  CAF_CHECK(lease_body(*neighbour, 300));
  const auto by_workspace = lease_body(*neighbour, 301);
  CAF_CHECK(by_workspace.error().code == errc::rate_limited);
  CAF_CHECK(contains(by_workspace.error().message, "http.max_bytes_in_per_workspace"));
  const auto stranger = make_lease(key_of(3, 2, all.keys), all);
  CAF_CHECK(lease_body(*stranger, 400));
  const auto last = make_lease(key_of(4, 3, all.keys), all);
  const auto by_process = lease_body(*last, 1);
  CAF_CHECK(by_process.error().code == errc::unavailable);
  CAF_CHECK(contains(by_process.error().message, "http.max_bytes_in)"));
  CAF_CHECK_EQUAL(all.bytes_in->used(), 1000);
}

CAF_TEST(a request in work counts more than a short body) {
  const auto lease = make_lease(key_of(1, 1, all.keys), all);
  CAF_CHECK(lease_body(*lease, 0));
  CAF_CHECK_EQUAL(all.bytes_in->used(), 0);  // it may never come
  CAF_CHECK(lease_work(*lease, 2));
  CAF_CHECK_EQUAL(all.bytes_in->used(), request_lease::least_bytes);
  const auto other = make_lease(key_of(1, 1, all.keys), all);
  CAF_CHECK(lease_work(*other, 2).error().code == errc::rate_limited);
  lease->take(1000);
  CAF_CHECK_EQUAL(all.bytes_in->used(), request_lease::least_bytes + 1000);
}

CAF_TEST(a lease goes with the last who works on its request) {
  auto lease = make_lease(key_of(1, 1, all.keys), all);
  CAF_CHECK(lease_body(*lease, 200));
  std::shared_ptr<const void> with_the_session = lease;
  lease = nullptr;
  CAF_CHECK_EQUAL(all.bytes_in->used(), 200);
  with_the_session = nullptr;
  CAF_CHECK_EQUAL(all.bytes_in->used(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
