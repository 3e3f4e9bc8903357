// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE event_render
#include "events/event/event_draft.hpp"
#include "events/json/json_text.hpp"
#include "test/unit/events/expect.hpp"
#include "test/unit/support/imported_event.hpp"
#include "test/unit/support/test.hpp"

#include <string>
#include <vector>

namespace {

using namespace sandbase;
using testing::outcome_of;

event_draft parse(std::string_view event) {
  auto draft = test::read_imported(event, "event");
  CAF_REQUIRE_EQUAL(outcome_of(draft), "ok");
  return *std::move(draft);
}

CAF_TEST(id and type stand first and the time last) {
  struct row {
    std::string event;
    std::string extra;
    std::string rendered;
  };
  const row rows[] = {
      {R"({"type":"session.status_running"})", "",
       R"({"id":"sevt_1","type":"session.status_running","processed_at":"T"})"},
      {R"( { "b" : 1.10 , "type" : "vendor.thing" , "a" : [ "\u0041" ] } )", "",
       R"({"id":"sevt_1","type":"vendor.thing","b":1.10,"a":["\u0041"],"processed_at":"T"})"},
      {R"({"type":"user.define_outcome","description":"d"})", R"("outcome_id":"outc_1")",
       R"({"id":"sevt_1","type":"user.define_outcome","description":"d","outcome_id":"outc_1","processed_at":"T"})"},
      {R"({"type":"vendor.thing"})", R"("x":1,"y":2)",
       R"({"id":"sevt_1","type":"vendor.thing","x":1,"y":2,"processed_at":"T"})"},
  };
  for (const auto& [event, extra, rendered] : rows) {
    const auto json = render_event(parse(event), "sevt_1", "T", extra);
    CAF_CHECK_EQUAL(json, rendered);
    CAF_CHECK(json::validate(json));
  }
}

CAF_TEST(a rendered event is one line) {
  const auto json =
      render_event(parse("{\n\"type\":\r\n\"vendor.thing\",\n\"text\":\n\"a\\nb\\r\"\n}"), "sevt_1", "T");
  CAF_CHECK_EQUAL(json, R"({"id":"sevt_1","type":"vendor.thing","text":"a\nb\r","processed_at":"T"})");
}

CAF_TEST(what was rendered is read again as the same draft) {
  const std::string_view events[] = {
      R"({"type":"vendor.thing","id":"x_1","processed_at":"2026-05-29T12:00:00.1+02:00","n":12345678901234567890})",
      R"({"type":"agent.message","content":[{"type":"text","text":"\ud83d\ude00"}]})",
      R"({"type":"session.status_idle"})",
  };
  for (const auto event : events) {
    const auto draft = parse(event);
    const auto id = draft.id.empty() ? "sevt_9" : draft.id;
    const auto time = draft.processed_at.empty() ? "2026-05-29T10:00:00.000Z" : draft.processed_at;
    const auto again = parse(render_event(draft, id, time));
    CAF_CHECK_EQUAL(again.payload, draft.payload);
    CAF_CHECK_EQUAL(again.type_name, draft.type_name);
    CAF_CHECK_EQUAL(again.id, id);
    CAF_CHECK_EQUAL(again.processed_at, time);
    CAF_CHECK_EQUAL(render_event(again, id, time), render_event(draft, id, time));
  }
}

CAF_TEST(comparing a draft with a stored event) {
  const std::string stored =
      R"({"id":"sevt_1","type":"vendor.thing","a":1,"b":"x","processed_at":"2026-05-29T10:00:00.000Z"})";
  struct row {
    std::string draft;
    std::string stored;
    bool same;
  };
  const std::string outcome_stored =
      R"({"id":"sevt_1","type":"user.define_outcome","description":"d","outcome_id":"outc_1","processed_at":"T"})";
  const row rows[] = {
      {R"({"type":"vendor.thing","a":1,"b":"x"})", stored, true},
      {R"({ "a" : 1, "type" : "vendor.thing", "b" : "x" })", stored, true},
      {R"({"type":"vendor.thing","id":"sevt_1","a":1,"b":"x","processed_at":"2026-05-29T10:00:00.000Z"})",
       stored, true},
      {R"({"type":"vendor.thing","id":"sevt_2","a":1,"b":"x"})", stored, false},
      {R"({"type":"vendor.thing","a":1,"b":"x","processed_at":"2026-05-29T10:00:00Z"})", stored, false},
      {R"({"type":"vendor.thin","a":1,"b":"x"})", stored, false},
      {R"({"type":"vendor.things","a":1,"b":"x"})", stored, false},
      {R"({"type":"vendor.thing","b":"x","a":1})", stored, false},
      {R"({"type":"vendor.thing","a":1})", stored, false},
      {R"({"type":"vendor.thing","a":1.0,"b":"x"})", stored, false},
      {R"({"type":"vendor.thing","a":1,"b":"\u0078"})", stored, false},
      {R"({"type":"vendor.thing","a":1,"b":"x","c":null})", stored, false},
      {R"({"type":"vendor.thing"})", stored, false},
      {R"({"type":"vendor.thing"})", R"({"id":"sevt_1","type":"vendor.thing","processed_at":"T"})", true},
      {R"({"type":"user.define_outcome","description":"d"})", outcome_stored, true},
      {R"({"type":"user.define_outcome","description":"d","outcome_id":"outc_1"})", outcome_stored, true},
      {R"({"type":"user.define_outcome","description":"d","outcome_id":"outc_2"})", outcome_stored, false},
      {R"({"type":"user.define_outcome","description":"e"})", outcome_stored, false},
      {R"({"type":"vendor.thing","description":"d"})",
       R"({"id":"sevt_1","type":"vendor.thing","description":"d","outcome_id":"outc_1","processed_at":"T"})",
       false},
  };
  for (const auto& [draft, json, same] : rows) {
    CAF_MESSAGE(draft);
    CAF_CHECK_EQUAL(renders_to(parse(draft), json), same);
  }
}

CAF_TEST(equal is what is equal when stored) {
  const std::string raw = "{\"type\":\"vendor.thing\",\"a\":\"\u2028\\ud83d\"}";
  const std::string escaped = R"({"type":"vendor.thing","a":"\u2028\ufffd"})";
  const auto stored = render_event(parse(raw), "sevt_1", "T");
  CAF_CHECK_EQUAL(stored, R"({"id":"sevt_1","type":"vendor.thing","a":"\u2028\ufffd","processed_at":"T"})");
  CAF_CHECK(renders_to(parse(raw), stored));
  CAF_CHECK(renders_to(parse(escaped), stored));
  CAF_MESSAGE("also where it was stored raw");
  const std::string before =
      "{\"id\":\"sevt_1\",\"type\":\"vendor.thing\",\"a\":\"\u2028\",\"processed_at\":\"T\"}";
  CAF_CHECK(renders_to(parse("{\"type\":\"vendor.thing\",\"a\":\"\u2028\"}"), before));
  CAF_CHECK(renders_to(parse(R"({"type":"vendor.thing","a":"\u2028"})"), before));
  CAF_CHECK(!renders_to(parse(R"({"type":"vendor.thing","a":"\u2029"})"), before));
  const auto kept =
      test::read_imported("{\"type\":\"vendor.thing\",\"a\":\"\u2028\"}", "event", json::line_breaks::kept);
  CAF_REQUIRE_EQUAL(outcome_of(kept), "ok");
  CAF_CHECK(renders_to(*kept, before));
}

CAF_TEST(requests that are equal when stored have one fingerprint) {
  const auto print = [](const std::string& body) {
    const auto parsed = parse_send_request(body, role::runtime, {});
    if (!parsed) CAF_FAIL(parsed.error().message);
    return fingerprint_of(*parsed);
  };
  const auto a = print(R"({"events":[{"type":"a.b","x":"\u2028","y":[1, 2]}]})");
  CAF_CHECK(a == print("{ \"events\" : [{\"type\":\"a.b\",  \"x\":\"\u2028\",\"y\":[1,2]} ] }"));
  for (const auto* other :
       {R"({"events":[{"type":"a.c","x":"\u2028","y":[1,2]}]})",
        R"({"events":[{"type":"a.b","x":"\u2028","y":[1,3]}]})",
        R"({"events":[{"type":"a.b","x":"\u2028","y":[1,2],"id":"msg_1"}]})",
        R"({"events":[{"type":"a.b","x":"\u2028","y":[1,2],"processed_at":"2026-01-01T00:00:00Z"}]})",
        R"({"events":[{"type":"a.b","x":"\u2028","y":[1,2]},{"type":"a.b","x":"\u2028","y":[1,2]}]})",
        R"({"events":[{"type":"a.b","x":"\u2028","y":[1,2]}],"expected_last_event_id":null})",
        R"({"events":[{"type":"a.b","x":"\u2028","y":[1,2]}],"expected_last_event_id":"msg_1"})"})
    CAF_CHECK(a != print(other));
  CAF_MESSAGE("with the previews that pass beside");
  const std::string event = R"({"type":"a.b"})";
  const auto delta = [](const std::string& text) {
    return R"({"type":"event_delta","event_id":"msg_1","delta":{"type":"content_delta","index":0,)"
           R"("content":{"type":"text","text":")" +
           text + R"("}}})";
  };
  const auto all = [&](const std::vector<std::string>& parts) {
    std::string body = R"({"events":[)";
    for (const auto& part : parts) body += (&part == &parts.front() ? "" : ",") + part;
    return print(body + "]}");
  };
  CAF_CHECK(all({delta("x")}) == all({delta("x")}));
  CAF_CHECK(all({delta("x")}) != all({delta("y")}));
  CAF_CHECK(all({delta("x")}) != all({delta("x"), delta("x")}));
  CAF_CHECK(all({event, delta("x")}) != all({event}));
  CAF_CHECK(all({event, delta("x")}) != all({delta("x"), event}));
}

}  // namespace
