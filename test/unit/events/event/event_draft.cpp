// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE event_draft
#include "events/event/event_draft.hpp"

#include "test/unit/events/expect.hpp"
#include "test/unit/support/imported_event.hpp"
#include "test/unit/support/test.hpp"

#include <fmt/core.h>
#include <string>
#include <vector>

namespace {

using namespace sandbase;
using testing::outcome_of;

const send_limits limits;
const std::string message = R"({"type":"user.message","content":[{"type":"text","text":"hi"}]})";

std::string outcome(std::string_view body, role by) {
  return outcome_of(parse_send_request(body, by, limits));
}

std::string body_of(std::string_view events) { return R"({"events":[)" + std::string{events} + "]}"; }

event_draft parse_one(std::string_view event, role by = role::runtime) {
  auto request = parse_send_request(body_of(event), by, limits);
  CAF_REQUIRE_EQUAL(outcome_of(request), "ok");
  CAF_REQUIRE_EQUAL(request->events.size(), std::size_t{1});
  return request->events.front();
}

CAF_TEST(the body) {
  struct row {
    std::string body;
    std::string outcome;
  };
  const row rows[] = {
      {body_of(message), "ok"},
      {R"( { "other" : 1 , "events" : [ )" + message + " ] } ", "ok"},
      {"", "invalid: body: the JSON ends too early at byte 0"},
      {"[]", "invalid: body: must be an object"},
      {"null", "invalid: body: must be an object"},
      {"{}", "invalid: events: is required"},
      {R"({"events":null})", "invalid: events: must be an array of events"},
      {R"({"events":{}})", "invalid: events: must be an array of events"},
      {R"({"events":[]})", "invalid: events: must hold at least one event"},
      {R"({"events":[1]})", "invalid: events[0]: must be an object"},
      {body_of(message + ",null"), "invalid: events[1]: must be an object"},
      {R"({"events":[{"type":"user.message"]})",
       "invalid: events[0]: malformed JSON at byte 33, unexpected ']'"},
      {body_of(message + R"(,{"type":"a.b","type":"a.b"})"), R"(invalid: events[1]: duplicate key "type")"},
  };
  for (const auto& [body, expected] : rows) {
    CAF_MESSAGE(body);
    CAF_CHECK_EQUAL(outcome(body, role::client), expected);
  }
}

CAF_TEST(what the log is expected to end with) {
  const auto parse = [](std::string_view value) {
    return parse_send_request(
        R"({"expected_last_event_id":)" + std::string{value} + R"(,"events":[)" + message + "]}",
        role::client, limits);
  };
  const auto none = parse_send_request(body_of(message), role::client, limits);
  CAF_REQUIRE(none);
  CAF_CHECK(!none->has_expected_last_id);
  const auto null = parse("null");
  CAF_REQUIRE(null);
  CAF_CHECK(null->has_expected_last_id);
  CAF_CHECK_EQUAL(null->expected_last_id, "");
  const auto id = parse(R"("sevt_01A")");
  CAF_REQUIRE(id);
  CAF_CHECK(id->has_expected_last_id);
  CAF_CHECK_EQUAL(id->expected_last_id, "sevt_01A");
  for (const std::string_view bad : {"1", "{}", R"("")", R"("no id")", R"("sevt_\u0000")"})
    CAF_CHECK_EQUAL(outcome_of(parse(bad)),
                    "invalid: expected_last_event_id: must be an event id, or null for an empty log");
}

CAF_TEST(numbers of events) {
  const send_limits two{1024, 2};
  CAF_CHECK_EQUAL(outcome_of(parse_send_request(body_of(message + "," + message), role::client, two)), "ok");
  CAF_CHECK_EQUAL(
      outcome_of(parse_send_request(body_of(message + "," + message + "," + message), role::client, two)),
      "invalid: events: must hold at most 2 events");
  std::string thousand = message;
  for (int i = 1; i < 1'000; ++i) thousand += "," + message;
  CAF_CHECK_EQUAL(outcome(body_of(thousand), role::client), "ok");
  CAF_CHECK_EQUAL(outcome(body_of(thousand + ",{}"), role::client),
                  "invalid: events: must hold at most 1000 events");
}

CAF_TEST(types by role) {
  struct row {
    std::string type;
    std::string client;
    std::string runtime;
  };
  const std::string custom_demand =
      "invalid: events[0].type: must be a known type or a name like \"vendor.thing_happened\", at most 128 "
      "characters";
  const auto forbidden = [](std::string_view type) {
    return "forbidden: events[0].type: a client key may not send " + std::string{type};
  };
  const row rows[] = {
      {R"("user.interrupt")", "ok", "ok"},
      {R"("user\u002einterrupt")", "ok", "ok"},
      {R"("agent.thinking")", forbidden(R"("agent.thinking")"), "ok"},
      {R"("session.status_running")", forbidden(R"("session.status_running")"), "ok"},
      {R"("span.model_request_start")", forbidden(R"("span.model_request_start")"), "ok"},
      {R"("workflow_run.created")", forbidden(R"("workflow_run.created")"), "ok"},
      {R"("vendor.thing")", forbidden(R"("vendor.thing")"), "ok"},
      {R"("user.unheard_of")", forbidden(R"("user.unheard_of")"), "ok"},
      {R"("agent.unheard_of")", forbidden(R"("agent.unheard_of")"), "ok"},
      {R"("system.unheard_of")", forbidden(R"("system.unheard_of")"), "ok"},
      {R"("Vendor.thing")", forbidden(R"("Vendor.thing")"), custom_demand},
      {R"("vendor")", forbidden(R"("vendor")"), custom_demand},
      {R"("")", forbidden(R"("")"), custom_demand},
      {R"("a.b\u0000")", forbidden(R"("a.b\u0000")"), custom_demand},
      {"\"" + std::string(200, 'a') + ".b\"", forbidden("\"" + std::string(64, 'a') + "…\""), custom_demand},
      {R"("session.updated")", forbidden(R"("session.updated")"),
       R"(invalid: events[0].type: "session.updated" is made by the service)"},
      {R"("session.deleted")", forbidden(R"("session.deleted")"),
       R"(invalid: events[0].type: "session.deleted" is made by the service)"},
      {"null", "invalid: events[0].type: is required", "invalid: events[0].type: is required"},
      {"7", "invalid: events[0].type: must be a string", "invalid: events[0].type: must be a string"},
      {R"(["user.message"])", "invalid: events[0].type: must be a string",
       "invalid: events[0].type: must be a string"},
  };
  for (const auto& [type, client, runtime] : rows) {
    CAF_MESSAGE(type);
    const auto body = body_of(R"({"type":)" + type + "}");
    CAF_CHECK_EQUAL(outcome(body, role::client), client);
    CAF_CHECK_EQUAL(outcome(body, role::runtime), runtime);
  }
  CAF_CHECK_EQUAL(outcome(body_of("{}"), role::client), "invalid: events[0].type: is required");
  CAF_CHECK_EQUAL(outcome(body_of(message), role::viewer),
                  R"(forbidden: events[0].type: a viewer key may not send "user.message")");
}

CAF_TEST(own ids and times are for runtime keys) {
  struct row {
    std::string member;
    std::string client;
    std::string runtime;
  };
  const std::string only = "only a runtime key may set it";
  const std::string id_demand = "must be letters, '_', then 1 to 64 letters or digits";
  const std::string time_demand = "must be a time as in RFC 3339, like \"2026-05-29T10:00:03.120Z\"";
  const row rows[] = {
      {R"("id":null)", "ok", "ok"},
      {R"("processed_at":null)", "ok", "ok"},
      {R"("id":"sevt_01")", "invalid: events[0].id: " + only, "ok"},
      {R"("i\u0064":"sevt_01")", "invalid: events[0].id: " + only, "ok"},
      {R"("id":"bad id")", "invalid: events[0].id: " + only, "invalid: events[0].id: " + id_demand},
      {R"("id":"")", "invalid: events[0].id: " + only, "invalid: events[0].id: " + id_demand},
      {R"("id":"a_b\u0000")", "invalid: events[0].id: " + only, "invalid: events[0].id: " + id_demand},
      {R"("id":7)", "invalid: events[0].id: " + only, "invalid: events[0].id: " + id_demand},
      {R"("processed_at":"2026-05-29T10:00:00+02:00")", "invalid: events[0].processed_at: " + only, "ok"},
      {R"("processed_at":"yesterday")", "invalid: events[0].processed_at: " + only,
       "invalid: events[0].processed_at: " + time_demand},
      {R"("processed_at":1780000000)", "invalid: events[0].processed_at: " + only,
       "invalid: events[0].processed_at: " + time_demand},
  };
  for (const auto& [member, client, runtime] : rows) {
    CAF_MESSAGE(member);
    const auto body = body_of(R"({"type":"user.interrupt",)" + member + "}");
    CAF_CHECK_EQUAL(outcome(body, role::client), client);
    CAF_CHECK_EQUAL(outcome(body, role::runtime), runtime);
  }
  const auto draft =
      parse_one(R"({"processed_at":"2026-05-29T12:00:00.1+02:00","id":"my_1","type":"agent.thinking"})");
  CAF_CHECK_EQUAL(draft.id, "my_1");
  CAF_CHECK_EQUAL(draft.processed_at, "2026-05-29T12:00:00.1+02:00");
  CAF_CHECK_EQUAL(format_exact_time(draft.time), "2026-05-29T10:00:00.100Z");
  const auto without = parse_one(R"({"processed_at":null,"id":null,"type":"agent.thinking"})");
  CAF_CHECK_EQUAL(without.id + without.processed_at + without.payload, "");
}

CAF_TEST(an id stands once in a request) {
  const auto event = [](std::string_view id) {
    return R"({"type":"agent.thinking","id":")" + std::string{id} + "\"}";
  };
  CAF_CHECK_EQUAL(outcome(body_of(event("a_1") + "," + event("a_2") + "," + event("b_1")), role::runtime),
                  "ok");
  CAF_CHECK_EQUAL(outcome(body_of(event("a_1") + "," + event("b_1") + "," + event("a_1")), role::runtime),
                  R"(invalid: events[2].id: "a_1" stands twice in this request)");
}

CAF_TEST(payloads keep their bytes but for white space between tokens) {
  struct row {
    std::string members;
    std::string payload;
  };
  const row rows[] = {
      {"", ""},
      {R"(,"a":1.10,"b":12345678901234567890,"c":1e400,"d":-0.0,"e":1E+2,"f":1e-99999999999)",
       R"("a":1.10,"b":12345678901234567890,"c":1e400,"d":-0.0,"e":1E+2,"f":1e-99999999999)"},
      {R"(, "z" : [ 1 , { "y" : " a  b " } ] , "a" : null )", R"("z":[1,{"y":" a  b "}],"a":null)"},
      {R"(,"s":"\u0041\/\u00e9\ud83d\ude00\u0000\n")", R"("s":"\u0041\/\u00e9\ud83d\ude00\u0000\n")"},
      {",\"s\":\"\xe2\x80\xa6\xe2\x82\xac\x7f\"", "\"s\":\"\xe2\x80\xa6\xe2\x82\xac\x7f\""},
      {R"(,"k\u0065y":1,"":2,"a b":3)", R"("k\u0065y":1,"":2,"a b":3)"},
      {R"(,"nested":{"id":"x","type":"y","processed_at":"z"})",
       R"("nested":{"id":"x","type":"y","processed_at":"z"})"},
  };
  for (const auto& [members, payload] : rows) {
    CAF_MESSAGE(members);
    CAF_CHECK_EQUAL(parse_one(R"({"type":"vendor.thing")" + members + "}").payload, payload);
  }
  // Wherever id, type and time stand, they are no part of it.
  const auto draft = parse_one(
      "{\n \"a\": 1,\r\n\t\"processed_at\": \"2026-05-29T10:00:00Z\", \"b\": 2, \"type\": \"vendor.thing\", "
      "\"c\": 3, \"id\": "
      "\"x_1\"\n}");
  CAF_CHECK_EQUAL(draft.payload, R"("a":1,"b":2,"c":3)");
  CAF_CHECK_EQUAL(draft.type_name, "vendor.thing");
  CAF_CHECK(draft.type == event_type::custom);
}

CAF_TEST(the size of an event counts without white space) {
  const std::string event =
      R"({"type":"vendor.thing","id":"x_1","processed_at":"2026-05-29T10:00:00Z","text":"0123456789"})";
  const std::string spaced =
      R"( { "type" : "vendor.thing" , "id" : "x_1" , "processed_at" : "2026-05-29T10:00:00Z" , "text" : "0123456789" } )";
  const std::string shorter = R"({"type":"a.b","id":"y_1","processed_at":"2026-05-29T10:00:00Z"})";
  for (const auto& text : {event, spaced}) {
    send_limits exact{event.size(), 10};
    CAF_CHECK_EQUAL(outcome_of(parse_send_request(body_of(text), role::runtime, exact)), "ok");
    --exact.max_event_bytes;
    CAF_CHECK_EQUAL(outcome_of(parse_send_request(body_of(shorter + "," + text), role::runtime, exact)),
                    "too_large: events[1]: has 92 bytes, the limit is 91 (event.max_bytes)");
  }
  CAF_CHECK_EQUAL(event.size(), std::size_t{92});
  CAF_MESSAGE("with what the service adds");
  for (const std::string bare : {R"({"type":"vendor.thing"})", R"({"type":"vendor.thing","text":"x"})",
                                 R"({"type":"user.define_outcome","description":"d"})"}) {
    const auto parsed = parse_send_request(body_of(bare), role::runtime, {1000, 1});
    CAF_REQUIRE(parsed);
    const auto& draft = parsed->events.front();
    const bool gets_outcome = draft.type == event_type::user_define_outcome;
    const auto now = *parse_timestamp("2026-05-29T10:00:00Z");
    const auto id = make_event_id(now, 1, 1);
    const auto stored =
        render_event(draft, id, format_timestamp(now),
                     gets_outcome ? R"("outcome_id":")" + make_id("outc", now) + "\"" : std::string{});
    CAF_CHECK_EQUAL(outcome_of(parse_send_request(body_of(bare), role::runtime, {stored.size(), 1})), "ok");
    CAF_CHECK_EQUAL(outcome_of(parse_send_request(body_of(bare), role::runtime, {stored.size() - 1, 1})),
                    fmt::format("too_large: events[0]: has {} bytes, the limit is {} (event.max_bytes)",
                                stored.size(), stored.size() - 1));
  }
}

CAF_TEST(the size of an event counts its stored form) {
  const std::string given = R"("id":"x_1","processed_at":"2026-05-29T10:00:00Z",)";
  const std::string sent = "{" + given + "\"type\":\"vendor.thing\",\"text\":\"\u2028\u0085\\ud83d\"}";
  const std::string stored = "{" + given + R"("type":"vendor.thing","text":"\u2028\u0085\ufffd"})";
  CAF_CHECK_EQUAL(outcome_of(parse_send_request(body_of(sent), role::runtime, {stored.size(), 1})), "ok");
  CAF_CHECK_EQUAL(outcome_of(parse_send_request(body_of(sent), role::runtime, {stored.size() - 1, 1})),
                  "too_large: events[0]: has 100 bytes, the limit is 99 (event.max_bytes)");
  CAF_CHECK_EQUAL(stored.size(), std::size_t{100});
}

CAF_TEST(texts are taken in the form that is stored) {
  const auto draft = parse_one("{\"type\":\"vendor.thing\",\"text\":\"a\u2028b\u2029c\u0085d\"}");
  CAF_CHECK_EQUAL(draft.payload, R"("text":"a\u2028b\u2029c\u0085d")");
  CAF_CHECK_EQUAL(parse_one(R"({"type":"vendor.thing","text":"cut \ud83d"})").payload,
                  R"("text":"cut \ufffd")");
  CAF_CHECK_EQUAL(parse_one(R"({"type":"vendor.thing","text":"\ud83d\ude00"})").payload,
                  R"("text":"\ud83d\ude00")");
}

CAF_TEST(half of a surrogate pair is refused in ids and names) {
  const std::pair<std::string, std::string> rows[] = {
      {R"({"type":"acme.\ud83d"})",
       "invalid: events[0].type: must be a known type or a name like \"vendor.thing_happened\", at most 128 "
       "characters"},
      {R"({"type":"acme.step","id":"sevt_\ud83d"})",
       "invalid: events[0].id: must be letters, '_', then 1 to 64 letters or digits"},
      {R"({"type":"acme.step","a\ud83d":1})",
       "invalid: events[0]: half of a surrogate pair in a name at byte 33"},
      {R"({"type":"agent.tool_result","tool_use_id":"toolu_\ude00"})",
       "invalid: events[0].tool_use_id: half of a surrogate pair in an id"},
      {R"({"type":"user.interrupt","session_thread_id":"\ud83d"})",
       "invalid: events[0].session_thread_id: half of a surrogate pair in an id"},
  };
  for (const auto& [event, outcome] : rows)
    CAF_CHECK_EQUAL(outcome_of(parse_send_request(body_of(event), role::runtime, limits)), outcome);
  CAF_CHECK_EQUAL(
      outcome_of(parse_send_request(body_of("{\"type\":\"agent.tool_result\",\"tool_use_id\":\"a\ufffd\"}"),
                                    role::runtime, limits)),
      "ok");
}

CAF_TEST(a byte order mark in front of a body is passed over) {
  CAF_CHECK_EQUAL(outcome_of(parse_send_request("\ufeff" + body_of(message), role::client, limits)), "ok");
}

CAF_TEST(times keep every digit) {
  const auto draft = parse_one(R"({"type":"vendor.thing","processed_at":"2026-05-29T10:00:00.123456789Z"})");
  CAF_CHECK_EQUAL(draft.processed_at, "2026-05-29T10:00:00.123456789Z");
  CAF_CHECK_EQUAL(format_exact_time(draft.time), "2026-05-29T10:00:00.123456789Z");
}

CAF_TEST(arrays of events have their own name in messages) {
  CAF_CHECK_EQUAL(outcome_of(parse_events("[" + message + "]", "initial_events", role::client, limits)),
                  "ok");
  CAF_CHECK_EQUAL(outcome_of(parse_events("[]", "initial_events", role::client, limits)), "ok");
  CAF_CHECK_EQUAL(
      outcome_of(parse_events(R"([{"type":"user.message"}])", "initial_events", role::client, limits)),
      "invalid: initial_events[0].content: is required");
  CAF_CHECK_EQUAL(outcome_of(parse_events("{}", "initial_events", role::client, limits)),
                  "invalid: initial_events: must be an array of events");
  CAF_CHECK_EQUAL(outcome_of(parse_events("[{]", "initial_events", role::client, limits)),
                  "invalid: initial_events[0]: malformed JSON at byte 2, unexpected ']'");
}

CAF_TEST(imported events keep what they have) {
  struct row {
    std::string event;
    std::string outcome;
  };
  const row rows[] = {
      {message, "ok"},
      {R"({"type":"agent.tool_result","content":[]})", "ok"},
      {R"({"type":"agent.tool_result","tool_use_id":"toolu_0_0","is_error":false,"content":[{"type":"text","text":"x"}]})",
       "ok"},
      {R"({"type":"session.updated","title":"x","id":"sevt_1","processed_at":"2026-05-29T10:00:00Z"})", "ok"},
      {R"({"type":"session.deleted"})", "ok"},
      {R"({"type":"user.message"})", "ok"},
      {R"({"type":"user.tool_confirmation","result":"allow","deny_message":"no"})", "ok"},
      {R"({"type":"user.define_outcome","description":"x","outcome_id":"outc_1"})", "ok"},
      {R"({"type":"system.message","content":[{"type":"text","text":"x"}]})", "ok"},
      {R"({"type":"vendor.thing","id":null,"processed_at":null})", "ok"},
      {R"({"type":"user.message","content":"text"})",
       "invalid: line 3.event.content: must be an array of content blocks"},
      {R"({"type":"no type"})",
       "invalid: line 3.event.type: must be a known type or a name like \"vendor.thing_happened\", at most "
       "128 characters"},
      {R"({"type":"a.b","id":"no id"})",
       "invalid: line 3.event.id: must be letters, '_', then 1 to 64 letters or digits"},
      {R"({"type":"a.b","processed_at":"soon"})",
       "invalid: line 3.event.processed_at: must be a time as in RFC 3339, like "
       "\"2026-05-29T10:00:03.120Z\""},
      {"[]", "invalid: line 3.event: must be an object"},
      {R"({"type":"a.b")", "invalid: line 3.event: the JSON ends too early at byte 13"},
  };
  for (const auto& [event, expected] : rows) {
    CAF_MESSAGE(event);
    CAF_CHECK_EQUAL(outcome_of(test::read_imported(event, "line 3.event")), expected);
  }
  const auto draft = test::read_imported(
      R"({"processed_at":"2001-01-01T00:00:00Z","type":"session.updated","id":"old_1","title":"x"})", "");
  CAF_REQUIRE(draft);
  CAF_CHECK_EQUAL(draft->id, "old_1");
  CAF_CHECK_EQUAL(draft->processed_at, "2001-01-01T00:00:00Z");
  CAF_CHECK_EQUAL(draft->payload, R"("title":"x")");
}

}  // namespace
