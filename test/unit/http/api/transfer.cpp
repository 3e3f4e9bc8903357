// SPDX-License-Identifier: Apache-2.0
// Import and export over HTTP.
#define CAF_SUITE transfer
#include "test/unit/http/support/http_fixture.hpp"

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

const std::string runtime = "x-api-key: sk-sb-runtime\r\n";

}  // namespace

CAF_TEST_FIXTURE_SCOPE(transfer_tests, http_fixture)

CAF_TEST(only runtime keys import and export) {
  add_session("sess_a");
  auto client = connect();
  for (const std::string who : {"client", "viewer"}) {
    const auto answer = get(client, "/v1/sessions/sess_a/export", "x-api-key: sk-sb-" + who + "\r\n");
    CAF_CHECK_EQUAL(status_of(answer), 403);
    CAF_CHECK(contains(answer, R"("type":"permission_error")"));
  }
  CAF_CHECK_EQUAL(status_of(get(client, "/v1/sessions/sess_a/export", runtime)), 200);
  CAF_CHECK_EQUAL(status_of(get(client, "/v1/sessions/sess_none/export", runtime)), 404);
}

CAF_TEST(an export is the header and the log up to where that says) {
  auto log = add_session("sess_a");
  log->add(3);
  log->header->progress.tip.last_seq = 2;  // one more came behind the header
  auto client = connect();
  const auto answer = get(client, "/v1/sessions/sess_a/export", runtime);
  CAF_CHECK_EQUAL(status_of(answer), 200);
  CAF_CHECK_EQUAL(header_of(answer, "Content-Type"), "application/x-ndjson");
  CAF_CHECK_EQUAL(header_of(answer, "Cache-Control"), "no-store");
  const auto body = body_of(answer);
  CAF_CHECK(body.starts_with(R"({"session":{"id":"sess_a")"));
  CAF_CHECK(body.ends_with("}\n{\"event\":" + log->json(1) + "}\n{\"event\":" + log->json(2) + "}\n"));
  CAF_CHECK_EQUAL(std::count(body.begin(), body.end(), '\n'), 3);
  CAF_CHECK_EQUAL(status_of(get(client, "/v1/sessions/sess_a/export", runtime)), 200);
}

CAF_TEST(exports count as streams of their key) {
  options.max_streams_per_key = 1;
  auto log = add_session("sess_a");
  log->add(1);
  log->header->progress.tip.last_seq = 1;
  log->hold = true;
  auto client = connect();
  auto other = connect();
  CAF_CHECK_EQUAL(get(client, "/v1/sessions/sess_a/export", runtime), "");
  CAF_CHECK_EQUAL(status_of(get(other, "/v1/sessions/sess_a/export", runtime)), 429);
}

CAF_TEST_FIXTURE_SCOPE_END()
