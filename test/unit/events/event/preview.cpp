// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE preview
#include "test/unit/support/test.hpp"
// The framework's header comes first.
#include "events/event/event_draft.hpp"
#include "events/session/session.hpp"

using namespace sandbase;

namespace {

result<send_request> parse(const std::string& events, role by = role::runtime) {
  return parse_send_request("{\"events\":[" + events + "]}", by, {});
}

const std::string start = R"({"type":"event_start","event":{"type":"agent.message","id":"msg_1"}})";
const std::string delta =
    R"({"type":"event_delta","event_id":"msg_1","delta":{"type":"content_delta","index":0}})";
const std::string stored = R"({"id":"msg_1","type":"agent.message","content":[]})";

}  // namespace

CAF_TEST(previews stand apart from what is stored and keep their place) {
  const auto r =
      parse(start + "," + delta + "," + stored + "," + R"({ "type" : "event_delta", "event_id":"msg_2",
    "delta":{"type":"content_delta"}})");
  CAF_REQUIRE(r);
  CAF_CHECK_EQUAL(r->events.size(), 1u);
  CAF_REQUIRE_EQUAL(r->previews.size(), 3u);
  CAF_CHECK_EQUAL(r->previews[0].after, 0u);
  CAF_CHECK_EQUAL(r->previews[2].after, 1u);
  CAF_CHECK(r->previews[0].what->is_start);
  CAF_CHECK(r->previews[0].what->of == event_type::agent_message);
  CAF_CHECK_EQUAL(r->previews[0].what->event_id, "msg_1");
  CAF_CHECK_EQUAL(r->previews[0].what->frame, "event: message\ndata: " + start + "\n\n");
  CAF_CHECK_EQUAL(
      r->previews[2].what->frame,
      "event: message\ndata: "
      "{\"type\":\"event_delta\",\"event_id\":\"msg_2\",\"delta\":{\"type\":\"content_delta\"}}\n\n");
}

CAF_TEST(no line of a preview is broken by its text) {
  const auto r = parse(
      "{\"type\":\"event_delta\",\"event_id\":\"msg_1\",\"delta\":{\"type\":\"content_delta\","
      "\"text\":\"\u2028\\ud83d\"}}");
  CAF_REQUIRE(r);
  CAF_CHECK_EQUAL(r->previews.at(0).what->frame,
                  R"(event: message
data: {"type":"event_delta","event_id":"msg_1","delta":{"type":"content_delta","text":"\u2028\ufffd"}}

)");
}

CAF_TEST(bad previews are named) {
  const std::vector<std::pair<std::string, std::string>> table = {
      {R"({"type":"event_start"})", "events[0].event: "},
      {R"({"type":"event_start","event":7})", "events[0].event: "},
      {R"({"type":"event_start","event":{"type":"agent.tool_use","id":"a_1"}})", "events[0].event.type: "},
      {R"({"type":"event_start","event":{"type":"agent.message","id":"no id"}})", "events[0].event.id: "},
      {R"({"type":"event_delta","delta":{"type":"content_delta"}})", "events[0].event_id: "},
      {R"({"type":"event_delta","event_id":"a_1"})", "events[0].delta: "},
      {R"({"type":"event_delta","event_id":"a_1","delta":{}})", "events[0].delta.type: "},
  };
  for (const auto& [event, part] : table) {
    const auto r = parse(event);
    CAF_REQUIRE(!r);
    CAF_CHECK(r.error().code == errc::invalid);
    if (!r.error().message.starts_with(part)) CAF_FAIL(r.error().message);
  }
}

CAF_TEST(only runtimes preview) {
  const auto r = parse(start, role::client);
  CAF_REQUIRE(!r);
  CAF_CHECK(r.error().code == errc::forbidden);
}

CAF_TEST(previews have no place among initial events) {
  CAF_CHECK(!parse_create_request(R"({"agent":"a","environment_id":"e","initial_events":[)" + start + "]}",
                                  role::runtime, {}));
}
