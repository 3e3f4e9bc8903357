// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE connection_access
#include "test/unit/http/support/http_fixture.hpp"
#include "test/unit/support/captured_log.hpp"

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

struct fixture : http_fixture {
  fixture() {
    options.access = access_log::on;
    add_session("sess_a");
  }
  std::vector<captured_log::line> requests() const { return log.lines("request"); }
  const captured_log log;
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(connection_access_tests, fixture)

CAF_TEST(each request gets a line) {
  auto client = connect();
  const auto answer = get(client, "/v1/sessions/sess_a");
  const auto created = post(client, "/v1/sessions/sess_a/events", "{}");
  CAF_REQUIRE_EQUAL(requests().size(), 2u);
  const auto first = requests()[0];
  CAF_CHECK_EQUAL(first.level, spdlog::level::info);
  CAF_CHECK_EQUAL(first.field("id"), header_of(answer, "request-id"));
  CAF_CHECK_EQUAL(first.field("method"), "GET");
  CAF_CHECK_EQUAL(first.field("route"), "get_session");
  CAF_CHECK_EQUAL(first.field("session"), "sess_a");
  CAF_CHECK_EQUAL(first.field("status"), "200");
  CAF_CHECK_EQUAL(first.field("bytes_in"), "0");
  CAF_CHECK_EQUAL(first.field("bytes_out"), std::to_string(answer.size()));
  CAF_CHECK_EQUAL(first.field("end"), "done");
  CAF_CHECK(std::stod(first.field("answer_ms")) <= std::stod(first.field("total_ms")));
  const auto second = requests()[1];
  CAF_CHECK_EQUAL(second.field("method"), "POST");
  CAF_CHECK_EQUAL(second.field("route"), "send_events");
  CAF_CHECK_EQUAL(second.field("status"), "400");
  CAF_CHECK_EQUAL(second.field("bytes_in"), "2");
  CAF_CHECK_EQUAL(second.field("bytes_out"), std::to_string(created.size()));
}

CAF_TEST(no line has a query or a key or a path that a client made up) {
  auto client = connect();
  get(client, "/v1/sessions/sess_a?token=secret&x=y");
  get(client, "/v1/sessions/se%20cret%0a/events", "x-api-key: sk-sb-secret\r\n");
  get(client, "/v1/secret/sess_a");
  exchange(client, "secret\r\n\r\n");
  CAF_REQUIRE_EQUAL(requests().size(), 4u);
  for (const auto& line : requests())
    for (const auto& [name, value] : line.fields)
      CAF_CHECK(!contains(value, "secret") && !contains(value, "sk-"));
  CAF_CHECK_EQUAL(requests()[1].field("status"), "401");
  CAF_CHECK_EQUAL(requests()[1].field("route"), "list_events");
  CAF_CHECK_EQUAL(requests()[1].field("session"), "(none)");
  CAF_CHECK_EQUAL(requests()[2].field("status"), "404");
  CAF_CHECK_EQUAL(requests()[2].field("route"), "(none)");
  CAF_CHECK_EQUAL(requests()[3].field("status"), "400");
}

CAF_TEST(a replay is told by its stream) {
  world->logs["sess_a"]->add(5);
  auto client = connect();
  const auto answer = get(client, "/v1/sessions/sess_a/events/stream");
  CAF_REQUIRE_EQUAL(requests().size(), 1u);
  CAF_CHECK_EQUAL(requests()[0].field("route"), "stream_events");
  CAF_CHECK_EQUAL(requests()[0].field("status"), "200");
  CAF_CHECK_EQUAL(requests()[0].field("bytes_out"), std::to_string(answer.size()));
  CAF_CHECK_EQUAL(requests()[0].field("end"), "done");
}

CAF_TEST(a stream that was refused is told like any other request) {
  auto client = connect();
  get(client, "/v1/sessions/sess_none/events/stream");
  CAF_REQUIRE_EQUAL(requests().size(), 1u);
  CAF_CHECK_EQUAL(requests()[0].field("route"), "stream_events");
  CAF_CHECK_EQUAL(requests()[0].field("status"), "404");
  CAF_CHECK_EQUAL(requests()[0].field("end"), "done");
}

CAF_TEST(who hangs up before the answer is told) {
  world->mute = true;
  auto client = connect();
  ask(client, "/v1/sessions/sess_a");
  CAF_CHECK(requests().empty());
  caf::anon_send(connections.back(), abort_now{});
  pump();
  CAF_REQUIRE_EQUAL(requests().size(), 1u);
  CAF_CHECK_EQUAL(requests()[0].field("status"), "0");
  CAF_CHECK_EQUAL(requests()[0].field("end"), "unanswered");
}

CAF_TEST(requests to the admin listener are told at debug) {
  auto client = connect(http_surface::admin);
  get(client, "/healthz", "");
  CAF_REQUIRE_EQUAL(requests().size(), 1u);
  const auto line = requests()[0];
  CAF_CHECK_EQUAL(line.level, spdlog::level::debug);
  CAF_CHECK_EQUAL(line.field("route"), "health");
}

CAF_TEST(nothing is told unless it is wanted) {
  options.access = access_log::off;
  auto client = connect();
  CAF_CHECK_EQUAL(status_of(get(client, "/v1/sessions/sess_a")), 200);
  CAF_CHECK(requests().empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
