#define CAF_SUITE router
#include "test/unit/http/support/http_fixture.hpp"
// The framework's header comes first.
#include "http/api/router.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

using m = http_method;

route to(m method, std::string_view path, http_surface surface = http_surface::api) {
  return find_route(surface, method, path).to;
}

}  // namespace

CAF_TEST(every call has its route) {
  CAF_CHECK(to(m::post, "/v1/sessions") == route::create_session);
  CAF_CHECK(to(m::get, "/v1/sessions") == route::list_sessions);
  CAF_CHECK(to(m::get, "/v1/sessions/sess_a") == route::get_session);
  CAF_CHECK(to(m::head, "/v1/sessions/sess_a") == route::get_session);
  CAF_CHECK(to(m::post, "/v1/sessions/sess_a") == route::update_session);
  CAF_CHECK(to(m::delete_, "/v1/sessions/sess_a") == route::delete_session);
  CAF_CHECK(to(m::post, "/v1/sessions/sess_a/archive") == route::archive_session);
  CAF_CHECK(to(m::get, "/v1/sessions/sess_a/events") == route::list_events);
  CAF_CHECK(to(m::post, "/v1/sessions/sess_a/events") == route::send_events);
  CAF_CHECK(to(m::get, "/v1/sessions/sess_a/events/stream") == route::stream_events);
  CAF_CHECK(to(m::get, "/healthz", http_surface::admin) == route::health);
  CAF_CHECK(to(m::get, "/readyz", http_surface::admin) == route::ready);
}

CAF_TEST(the two listeners have nothing in common) {
  CAF_CHECK(to(m::get, "/healthz") == route::not_found);
  CAF_CHECK(to(m::get, "/v1/sessions", http_surface::admin) == route::not_found);
}

CAF_TEST(ids are percent decoded) {
  CAF_CHECK_EQUAL(find_route(http_surface::api, m::get, "/v1/sessions/sess%5Fa/events").session_id, "sess_a");
  CAF_CHECK(to(m::get, "/v1/%73essions") == route::list_sessions);
  CAF_CHECK_EQUAL(find_route(http_surface::api, m::get, "/v1/sessions/a%2Fb").session_id, "a/b");
  CAF_CHECK(to(m::get, "/v1/sessions/%zz") == route::not_found);
}

CAF_TEST(what is near a route is none) {
  for (const std::string_view path :
       {"/", "/v1", "/v1/", "/v1/sessions/", "/v1/sessions//events", "/v1/sessions/a/", "/v1/sessions/a/b",
        "/v1/sessions/a/events/", "/v1/sessions/a/events/stream/x", "//v1/sessions", "/v2/sessions", "*", ""})
    CAF_CHECK(to(m::get, path) == route::not_found);
}

CAF_TEST(a wrong method is told the right ones) {
  const auto wrong = find_route(http_surface::api, m::delete_, "/v1/sessions/a/events/stream");
  CAF_CHECK(wrong.to == route::method_not_allowed);
  CAF_CHECK_EQUAL(wrong.allow, "GET, HEAD, OPTIONS");
  CAF_CHECK(to(m::other, "/v1/sessions") == route::method_not_allowed);
  CAF_CHECK(to(m::get, "/v1/sessions/a/archive") == route::method_not_allowed);
  CAF_CHECK(to(m::options, "/v1/sessions") == route::preflight);
  CAF_CHECK(to(m::options, "/v1/nothing") == route::not_found);
}
