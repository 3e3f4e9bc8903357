// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE statusz
#include "test/unit/http/support/http_fixture.hpp"
// The framework's header comes first.
#include "events/json/json_text.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

struct fixture : http_fixture {
  std::string page(const std::string& query = "") {
    auto client = connect(http_surface::admin);
    const auto answer = get(client, "/statusz" + query, "");
    CAF_CHECK_EQUAL(status_of(answer), 200);
    const auto body = body_of(answer);
    CAF_REQUIRE(json::validate(body));
    return body;
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(statusz_tests, fixture)

CAF_TEST(the page has the parts of the process and its actors) {
  add_session("sess_a");
  const auto body = page();
  const json::value told{body};
  CAF_CHECK_EQUAL(told.find("version")->as_string(), SANDBASE_VERSION);
  CAF_CHECK_EQUAL(told.find("phase")->as_string(), "serving");
  CAF_CHECK_EQUAL(told.find("oldest_commit_ms")->text(), "0");
  CAF_CHECK_EQUAL(told.find("http")->find("connections")->text(), "1");
  CAF_CHECK_EQUAL(told.find("actors")->text(), R"([{"name":"log_reader","phase":"fake"}])");
  CAF_CHECK_EQUAL(told.find("sessions")->find("active")->text(), "1");
}

CAF_TEST(one session can be asked for) {
  CAF_CHECK(contains(page("?session=sess_none"), R"("found":[)"));
  auto client = connect(http_surface::admin);
  const auto refused = get(client, "/statusz?session=not%20an%20id", "");
  CAF_CHECK_EQUAL(status_of(refused), 400);
  CAF_CHECK(contains(refused, "session"));
}

CAF_TEST(it is not for the clients of the service) {
  auto client = connect();
  CAF_CHECK_EQUAL(status_of(get(client, "/statusz")), 404);
}

CAF_TEST(a node whose actors do not run says so) {
  auto client = connect(http_surface::admin);
  caf::anon_send_exit(status, caf::exit_reason::kill);
  pump();
  CAF_CHECK_EQUAL(status_of(get(client, "/statusz", "")), 503);
}

CAF_TEST_FIXTURE_SCOPE_END()
