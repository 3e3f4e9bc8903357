// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE routes
#include "test/unit/http/support/http_fixture.hpp"
// The framework's header comes first.
#include "http/api/routes.hpp"

#include <set>

using namespace sandbase;
using namespace sandbase::test;

namespace {

using m = http_method;

/// The name of the route, `-` if the method is not known there, empty if nothing is.
std::string to(m method, std::string_view path, http_surface surface = http_surface::api) {
  const auto found = find_route(surface, method, path);
  return found.to ? std::string{found.to->name} : found.allow.empty() ? "" : "-";
}

}  // namespace

CAF_TEST(every call has its route) {
  CAF_CHECK_EQUAL(to(m::post, "/v1/sessions"), "create_session");
  CAF_CHECK_EQUAL(to(m::get, "/v1/sessions"), "list_sessions");
  CAF_CHECK_EQUAL(to(m::get, "/v1/sessions/sess_a"), "get_session");
  CAF_CHECK_EQUAL(to(m::head, "/v1/sessions/sess_a"), "get_session");
  CAF_CHECK_EQUAL(to(m::post, "/v1/sessions/sess_a"), "update_session");
  CAF_CHECK_EQUAL(to(m::delete_, "/v1/sessions/sess_a"), "delete_session");
  CAF_CHECK_EQUAL(to(m::post, "/v1/sessions/sess_a/archive"), "archive_session");
  CAF_CHECK_EQUAL(to(m::get, "/v1/sessions/sess_a/events"), "list_events");
  CAF_CHECK_EQUAL(to(m::post, "/v1/sessions/sess_a/events"), "send_events");
  CAF_CHECK_EQUAL(to(m::get, "/v1/sessions/sess_a/events/stream"), "stream_events");
  CAF_CHECK_EQUAL(to(m::get, "/v1/sessions/sess_a/export"), "export_session");
  CAF_CHECK_EQUAL(to(m::post, "/v1/sessions/import"), "import_sessions");
  CAF_CHECK_EQUAL(to(m::post, "/v1/sessions/sess_a/events/sevt_1/redact"), "redact_event");
  CAF_CHECK_EQUAL(to(m::get, "/openapi.json"), "get_openapi");
  CAF_CHECK_EQUAL(to(m::get, "/healthz", http_surface::admin), "health");
  CAF_CHECK_EQUAL(to(m::get, "/readyz", http_surface::admin), "ready");
  CAF_CHECK_EQUAL(to(m::get, "/statusz", http_surface::admin), "status");
}

CAF_TEST(the two listeners have nothing in common) {
  CAF_CHECK_EQUAL(to(m::get, "/healthz"), "");
  CAF_CHECK_EQUAL(to(m::get, "/v1/sessions", http_surface::admin), "");
}

CAF_TEST(ids are percent decoded) {
  CAF_CHECK_EQUAL(find_route(http_surface::api, m::get, "/v1/sessions/sess%5Fa/events").session_id, "sess_a");
  CAF_CHECK_EQUAL(to(m::get, "/v1/%73essions"), "list_sessions");
  const auto both = find_route(http_surface::api, m::post, "/v1/sessions/sess%5Fa/events/sevt%5F1/redact");
  CAF_CHECK_EQUAL(both.session_id, "sess_a");
  CAF_CHECK_EQUAL(both.event_id, "sevt_1");
  CAF_CHECK_EQUAL(find_route(http_surface::api, m::get, "/v1/sessions/a%2Fb").session_id, "a/b");
  CAF_CHECK_EQUAL(to(m::get, "/v1/sessions/%zz"), "");
}

CAF_TEST(what is near a route is none) {
  for (const std::string_view path :
       {"/", "/v1", "/v1/", "/v1/sessions/", "/v1/sessions//events", "/v1/sessions/a/", "/v1/sessions/a/b",
        "/v1/sessions/a/events/", "/v1/sessions/a/events/stream/x", "//v1/sessions", "/v2/sessions", "*", ""})
    CAF_CHECK_EQUAL(to(m::get, path), "");
}

CAF_TEST(a wrong method is told the right ones) {
  const auto wrong = find_route(http_surface::api, m::delete_, "/v1/sessions/a/events/stream");
  CAF_CHECK(!wrong.to);
  CAF_CHECK_EQUAL(wrong.allow, "GET, HEAD, OPTIONS");
  CAF_CHECK_EQUAL(to(m::other, "/v1/sessions"), "-");
  const auto fixed = find_route(http_surface::api, m::get, "/v1/sessions/import");
  CAF_CHECK(!fixed.to);
  CAF_CHECK_EQUAL(fixed.allow, "POST, OPTIONS");
  CAF_CHECK_EQUAL(to(m::get, "/v1/sessions/a/archive"), "-");
  CAF_CHECK_EQUAL(to(m::options, "/v1/sessions"), "-");
  CAF_CHECK_EQUAL(to(m::options, "/v1/nothing"), "");
}

CAF_TEST(each row stands once) {
  std::set<std::string> rows, names;
  for (const auto& r : all_routes()) {
    CAF_CHECK(rows.insert(std::to_string(static_cast<int>(r.method)) + std::string{r.path}).second);
    CAF_CHECK(names.insert(std::string{r.name}).second);
    CAF_CHECK(r.handler != nullptr);
  }
}

CAF_TEST(what changes something is for writers) {
  for (const auto& r : all_routes()) {
    // An import and an erasure change nothing the second time.
    const bool changes = r.method != m::get && r.name != "mint_stream_token" && r.name != "import_sessions" &&
                         r.name != "redact_event";
    CAF_CHECK_EQUAL(changes_something(&r), changes);
  }
  CAF_CHECK(!changes_something(nullptr));
}

CAF_TEST(who asks for another path is told which there are) {
  CAF_CHECK_EQUAL(served_paths(http_surface::admin), "/healthz, /readyz, /statusz");
  CAF_CHECK(contains(served_paths(http_surface::api), "/v1/sessions/{id}/events/stream"));
}
