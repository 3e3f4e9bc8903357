// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE service_client
#include "config/client/service_client.hpp"

#include "test/unit/support/test.hpp"

using namespace sandbase;
using namespace std::chrono_literals;

namespace {

failure refused(unsigned status, const std::string& message) {
  return refusal_of(
      {{status, "req_1", {}}, R"({"type":"error","error":{"type":"x","message":")" + message + R"("}})"});
}

}  // namespace

CAF_TEST(targets are escaped) {
  CAF_CHECK_EQUAL(with_query("/v1/sessions", {}), "/v1/sessions");
  CAF_CHECK_EQUAL(
      with_query("/v1/sessions", {{"created_at[gte]", "2026-01-01T00:00:00+01:00"}, {"limit", "3"}}),
      "/v1/sessions?created_at%5Bgte%5D=2026-01-01T00%3A00%3A00%2B01%3A00&limit=3");
  CAF_CHECK_EQUAL(session_path("../x y", "/events"), "/v1/sessions/..%2Fx%20y/events");
}

CAF_TEST(a refusal says what the service says and what to do) {
  CAF_CHECK_EQUAL(refused(404, "session sess_1 not found").message,
                  "session sess_1 not found; `sandbase-events sessions list` shows the sessions of this key");
  CAF_CHECK(refused(404, "x").code == errc::not_found);
  CAF_CHECK(refused(401, "x").code == errc::unauthorized);
  CAF_CHECK(refused(401, "x").message.find("--key-file") != std::string::npos);
  CAF_CHECK(refused(403, "x").code == errc::forbidden);
  CAF_CHECK(refused(400, "x").code == errc::invalid);
  CAF_CHECK_EQUAL(refused(500, "a fault").message, "a fault (request req_1)");
}

CAF_TEST(a refusal without an envelope or with control characters harms nobody) {
  CAF_CHECK_EQUAL(refusal_of({{502, "", {}}, "<html>"}).message, "the answer is 502 without a reason");
  CAF_CHECK_EQUAL(refused(400, R"(a\u001b[31mb\u009bc)").message, "a?[31mb?c");
}

CAF_TEST(tries come ever more slowly and when they were told to) {
  CAF_CHECK(retry_delay(0, {}, 0) == 250ms);
  CAF_CHECK(retry_delay(2, {}, 0) == 1s);
  CAF_CHECK(retry_delay(0, 3s, 0) == 3s);
  CAF_CHECK(retry_delay(0, 3600s, 0) == 30s);
  CAF_CHECK(retry_delay(50, {}, 0) == 30s);
  CAF_CHECK(retry_delay(0, {}, 1) == 312ms);
}
