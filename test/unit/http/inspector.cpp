// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE inspector
#include "test/unit/http/support/http_fixture.hpp"
// The framework's header comes first.
#include "http/inspector/inspector.hpp"

using namespace sandbase;
using namespace sandbase::test;

CAF_TEST_FIXTURE_SCOPE(inspector_tests, http_fixture)

CAF_TEST(the page is served to whoever asks with what it may do) {
  key_header.clear();
  auto client = connect();
  const auto answer = get(client, "/inspector");
  CAF_CHECK_EQUAL(status_of(answer), 200);
  CAF_CHECK_EQUAL(header_of(answer, "Content-Type"), "text/html; charset=utf-8");
  CAF_CHECK_EQUAL(
      header_of(answer, "Content-Security-Policy"),
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src "
      "'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  CAF_CHECK_EQUAL(body_of(answer), std::string{find_inspector_file("index.html")->bytes});
}

CAF_TEST(every file of the page is served as what it is) {
  auto client = connect();
  CAF_CHECK(inspector_page().size() > 2);
  for (const auto& file : inspector_page()) {
    const auto answer = get(client, "/inspector/" + std::string{file.name});
    CAF_CHECK_EQUAL(status_of(answer), 200);
    CAF_CHECK(body_of(answer) == file.bytes);
    CAF_CHECK(!content_type_of(file.name).empty());
    CAF_CHECK_EQUAL(header_of(answer, "Content-Type"), std::string{content_type_of(file.name)});
    CAF_CHECK_EQUAL(header_of(answer, "X-Content-Type-Options"), "nosniff");
  }
}

CAF_TEST(other names are not found) {
  auto client = connect();
  for (const auto* path : {"/inspector/none.js", "/inspector/..%2Fsecret", "/inspector/a/b"})
    CAF_CHECK_EQUAL(status_of(get(client, path)), 404);
  CAF_CHECK_EQUAL(status_of(post(client, "/inspector", "")), 405);
}

CAF_TEST(the inspector can be turned off) {
  options.inspector = inspector_page_mode::off;
  auto client = connect();
  for (const auto* path : {"/inspector", "/inspector/index.html"}) {
    const auto answer = get(client, path);
    CAF_CHECK_EQUAL(status_of(answer), 404);
    CAF_CHECK(contains(answer, "http.inspector"));
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
