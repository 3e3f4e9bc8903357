// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE tombstone
#include "events/event/tombstone.hpp"

#include "events/event/event_facts.hpp"
#include "events/event/stored_event.hpp"
#include "events/json/json_text.hpp"
#include "test/unit/events/expect.hpp"
#include "test/unit/support/test.hpp"

namespace {

using namespace sandbase;
using testing::outcome_of;

const timestamp at = *parse_timestamp("2026-06-01T00:00:00.500Z");
const std::string event =
    R"({"id":"sevt_1","type":"user.message","content":[{"type":"text","text":",\"processed_at\":\"x\"}"}],)"
    R"("processed_at":"2026-05-29T12:00:00.25+02:00"})";

CAF_TEST(id and type and time stay as they were) {
  const auto with_reason = *render_tombstone(event, at, "a \"key\"");
  const auto without = *render_tombstone(event, at, "");
  CAF_CHECK_EQUAL(with_reason,
                  R"({"id":"sevt_1","type":"user.message","redacted":{"at":"2026-06-01T00:00:00.500Z",)"
                  R"("reason":"a \"key\""},"processed_at":"2026-05-29T12:00:00.25+02:00"})");
  CAF_CHECK_EQUAL(without,
                  R"({"id":"sevt_1","type":"user.message","redacted":{"at":"2026-06-01T00:00:00.500Z",)"
                  R"("reason":null},"processed_at":"2026-05-29T12:00:00.25+02:00"})");
  CAF_CHECK(outcome_of(render_tombstone("{}", at, "")).starts_with("corrupt: not a stored event"));
}

CAF_TEST(a tombstone is a stored event without facts) {
  for (const std::string_view type : {"user.message", "agent.tool_use", "user.define_outcome", "acme.step"}) {
    auto json =
        R"({"id":"sevt_1","type":")" + std::string{type} +
        R"(","name":"n","outcome_id":"outc_1","description":"d","processed_at":"2026-05-29T10:00:00Z"})";
    json = *render_tombstone(json, at, "because");
    CAF_CHECK_EQUAL(outcome_of(json::validate(json)), "ok");
    const auto parts = read_stored_event(json);
    CAF_REQUIRE_EQUAL(outcome_of(parts), "ok");
    CAF_CHECK_EQUAL(std::string{parts->type_name}, type);
    const auto facts = facts_of(json);
    CAF_CHECK(facts.type == parts->type);
    CAF_CHECK_EQUAL(facts.tool_name + facts.outcome_id + facts.outcome_description, "");
  }
}

CAF_TEST(an idle that waited is still one) {
  const auto idle = [](std::string_view stop_reason) {
    return R"({"id":"sevt_1","type":"session.status_idle","stop_reason":)" + std::string{stop_reason} +
           R"(,"note":"requires_action","processed_at":"2026-05-29T10:00:00Z"})";
  };
  const auto waits = *render_tombstone(idle(R"({"type":"requires_action","event_ids":["sevt_0"]})"), at, "");
  CAF_CHECK_EQUAL(
      waits, R"({"id":"sevt_1","type":"session.status_idle","redacted":{"at":"2026-06-01T00:00:00.500Z",)"
             R"("reason":null,"stop_reason":"requires_action"},"processed_at":"2026-05-29T10:00:00Z"})");
  CAF_CHECK(is_tombstone(waits));
  CAF_CHECK(is_waiting_tombstone(waits));
  CAF_CHECK_EQUAL(facts_of(waits).stop_reason, "requires_action");
  CAF_CHECK(is_waiting_tombstone(*render_tombstone(idle(R"({"type":"requires_action"})"), at, "a key")));
  for (const std::string_view final :
       {R"({"type":"end_turn"})", R"({"type":7})", R"("requires_action")", "{}"}) {
    const auto ended = *render_tombstone(idle(final), at, "");
    CAF_CHECK(ended.find("stop_reason") == ended.npos);
    CAF_CHECK(is_tombstone(ended) && !is_waiting_tombstone(ended));
    CAF_CHECK_EQUAL(facts_of(ended).stop_reason, "");
  }
  CAF_MESSAGE("no other type says so, nor any reason");
  auto other = waits;
  other.replace(other.find("session.status_idle"), 19, "session.updated");
  CAF_CHECK(!is_tombstone(other) && !is_waiting_tombstone(other));
  const auto quoted = *render_tombstone(idle("{}"), at, R"(","stop_reason":"requires_action)");
  CAF_CHECK(is_tombstone(quoted) && !is_waiting_tombstone(quoted));
}

CAF_TEST(tombstones are told from all else) {
  for (const std::string_view reason : {"", "a key", "a \"key\"\n\u00e4\u2028"})
    CAF_CHECK(is_tombstone(*render_tombstone(event, at, reason)));
  const auto with = [](std::string_view payload) {
    return R"({"id":"sevt_1","type":"user.message")" + std::string{payload} +
           R"(,"processed_at":"2026-05-29T10:00:00Z"})";
  };
  CAF_CHECK(is_tombstone(with(R"(,"redacted":{"at":"2026-06-01T00:00:00.000Z","reason":"r"})")));
  const std::string_view others[] = {
      "",
      R"(,"content":[])",
      R"(,"redacted":{"at":"2026-06-01T00:00:00.000Z"})",
      R"(,"redacted":{"at":"2026-06-01T00:00:00Z","reason":"r"})",
      R"(,"redacted":{"at":"soon","reason":"r"})",
      R"(,"redacted":{"at":"2026-06-01T00:00:00.000Z","reason":""})",
      R"(,"redacted":{"at":"2026-06-01T00:00:00.000Z","reason":"\u0041"})",
      R"(,"redacted":{"at":"2026-06-01T00:00:00.000Z","reason":7})",
      R"(,"redacted":{"at":"2026-06-01T00:00:00.000Z","reason":"r","more":1})",
      R"(,"redacted":{"at":"2026-06-01T00:00:00.000Z","reason":"r"},"more":1)",
      R"(,"redacted":{"at":"2026-06-01T00:00:00.000Z","reason":"r"}})",
      R"(,"more":1,"redacted":{"at":"2026-06-01T00:00:00.000Z","reason":"r"})",
      R"(,"redacted":{"reason":"r","at":"2026-06-01T00:00:00.000Z"})",
  };
  for (const auto payload : others) {
    CAF_MESSAGE(payload);
    CAF_CHECK(!is_tombstone(with(payload)));
  }
  CAF_CHECK(!is_tombstone(""));
  CAF_CHECK(!is_tombstone("{}"));
}

}  // namespace
