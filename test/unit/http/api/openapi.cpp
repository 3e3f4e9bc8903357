// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE openapi
#include "test/unit/http/support/http_fixture.hpp"
// The framework's header comes first.
#include "events/event/catalog.hpp"
#include "events/json/json_text.hpp"
#include "http/api/openapi/document.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

constexpr auto api = http_surface::api;
constexpr auto admin = http_surface::admin;

constexpr route few[] = {
    {api, http_method::get, "/a", access::anybody, nullptr, "read_a"},
    {api, http_method::get, "/b/{id}/c/{event_id}", access::stream_readers, nullptr, "read_b"},
    {api, http_method::post, "/a", access::runtimes, nullptr, "make_a"},
    {admin, http_method::get, "/z", access::anybody, nullptr, "inside"},
};

std::string schemas_with(std::string_view operations) {
  return std::string{R"({"info":{"title":"t"},"components":{"c":1},"operations":{)"}.append(operations) +
         "}}";
}

std::string rendered(std::string_view operations) {
  const auto text = render_openapi(few, schemas_with(operations));
  return text ? *text : text.error().message;
}

std::string stored_file() { return std::string{openapi_files().front().bytes}; }

}  // namespace

CAF_TEST(every route of the API has an entry and every entry a route) {
  const auto text = render_openapi(all_routes(), stored_file());
  if (!text) CAF_FAIL(text.error().message);
  CAF_REQUIRE(json::validate(*text));
  const json::value document{*text};
  const auto paths = *document.find("paths");
  std::size_t operations = 0;
  paths.for_each_member(
      [&](std::string_view, std::string_view, const json::value& methods) { operations += methods.count(); });
  std::size_t routes = 0;
  for (const auto& r : all_routes()) routes += r.surface == api;
  CAF_CHECK_EQUAL(operations, routes);
  CAF_CHECK_EQUAL(document.find("info")->find("version")->as_string(), SANDBASE_VERSION);
}

CAF_TEST(what has no counterpart is named) {
  CAF_CHECK(contains(rendered(R"("read_a":{},"read_b":{})"), "no entry for the route make_a"));
  CAF_CHECK(contains(rendered(R"("read_a":{},"read_b":{},"make_a":{},"lost":{})"),
                     "an entry without a route: lost"));
  CAF_CHECK(contains(rendered(R"("read_a":{},"read_b":{},"make_a":{},"inside":{})"), "inside"));
  CAF_CHECK(contains(rendered(R"("read_a":{},"read_b":{},"make_a":1)"), "make_a"));
  CAF_CHECK(contains(rendered(R"("read_a":{},"read_a":{})"), "schemas.json"));
  CAF_CHECK(contains(render_openapi(few, "{}").error().message, "no object info"));
}

CAF_TEST(the route table tells paths and names and who may) {
  const auto text = rendered(R"(
      "read_a": {"summary": "Read", "errors": [404, 503]},
      "read_b": {"parameters": [{"name": "x"}], "responses": {"200": {"description": "d"}}, "errors": []},
      "make_a": {})");
  CAF_CHECK_EQUAL(
      text,
      std::string{
          R"({"openapi":"3.1.0","info":{"title":"t","version":")" SANDBASE_VERSION R"("},"paths":{)"
          R"("/a":{)"
          R"("get":{"operationId":"read_a","summary":"Read","security":[],"parameters":[],"responses":{)"
          R"("404":{"$ref":"#/components/responses/error_404"},)"
          R"("503":{"$ref":"#/components/responses/error_503"}}},)"
          R"("post":{"operationId":"make_a","security":[{"bearer":[]},{"api_key":[]}],)"
          R"("x-roles":["runtime"],"parameters":[],"responses":{}}},)"
          R"("/b/{id}/c/{event_id}":{)"
          R"("get":{"operationId":"read_b",)"
          R"("security":[{"bearer":[]},{"api_key":[]},{"stream_token":[]}],)"
          R"("x-roles":["viewer","client","runtime"],)"
          R"("parameters":[{"$ref":"#/components/parameters/id"},)"
          R"({"$ref":"#/components/parameters/event_id"},{"name":"x"}],)"
          R"("responses":{"200":{"description":"d"}}}}},)"
          R"("components":{"c":1}})"});
}

CAF_TEST(the types of events are those of the catalog) {
  const auto file = stored_file();
  const auto types =
      *json::value{file}.find("components")->find("schemas")->find("event_type")->find("examples");
  std::size_t listed = 0;
  types.for_each_element([&](std::size_t index, const json::value& name) {
    ++listed;
    CAF_CHECK_EQUAL(name.as_string(), name_of(static_cast<event_type>(index + 1)));
  });
  CAF_CHECK_EQUAL(listed, event_type_count - 1u);
}

CAF_TEST_FIXTURE_SCOPE(openapi_tests, http_fixture)

CAF_TEST(it is served to whoever asks) {
  auto client = connect();
  const auto answer = get(client, "/openapi.json", "");
  CAF_CHECK_EQUAL(status_of(answer), 200);
  CAF_CHECK(contains(answer, "Content-Type: application/json\r\n"));
  CAF_CHECK(body_of(answer) == *render_openapi(all_routes(), stored_file()));
  CAF_CHECK(body_of(get(client, "/openapi.json", "x-api-key: sk-sb-unknown\r\n")) == body_of(answer));
}

CAF_TEST(it is not on the admin listener) {
  auto client = connect(http_surface::admin);
  CAF_CHECK_EQUAL(status_of(get(client, "/openapi.json", "")), 404);
}

CAF_TEST_FIXTURE_SCOPE_END()
