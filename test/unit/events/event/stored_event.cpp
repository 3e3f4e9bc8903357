// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE stored_event
#include "events/event/stored_event.hpp"

#include "events/event/event_draft.hpp"
#include "events/event/stored_layout.hpp"
#include "test/unit/events/expect.hpp"
#include "test/unit/support/imported_event.hpp"
#include "test/unit/support/test.hpp"

#include <string>

namespace {

using namespace sandbase;
using testing::outcome_of;

CAF_TEST(the fixed parts of what render_event makes) {
  struct row {
    std::string event;
    std::string time;
  };
  const row rows[] = {
      {R"({"type":"session.status_running"})", "2026-05-29T10:00:00.000Z"},
      {R"({"type":"vendor.thing","a":1})", "2026-05-29T10:00:00.000Z"},
      {R"({"type":"vendor.thing","text":",\"processed_at\":\"2001-01-01T00:00:00Z\"}"})",
       "2026-05-29T12:00:00+02:00"},
      {R"({"type":"vendor.thing","a":{"b":1,"processed_at":"2001-01-01T00:00:00Z"}})",
       "2026-05-29T10:00:00Z"},
      {R"({"type":"vendor.thing","a":{"id":"no","type":"no"}})", "2026-05-29T10:00:00Z"},
  };
  for (const auto& [event, time] : rows) {
    CAF_MESSAGE(event);
    const auto draft = test::read_imported(event, "event");
    CAF_REQUIRE_EQUAL(outcome_of(draft), "ok");
    const auto json = render_event(*draft, "sevt_1", time);
    const auto parts = read_stored_event(json);
    CAF_REQUIRE_EQUAL(outcome_of(parts), "ok");
    CAF_CHECK_EQUAL(std::string{parts->id}, "sevt_1");
    CAF_CHECK_EQUAL(std::string{parts->type_name}, draft->type_name);
    CAF_CHECK(parts->type == draft->type);
    CAF_CHECK_EQUAL(format_exact_time(parts->time), "2026-05-29T10:00:00.000Z");
  }
}

CAF_TEST(other text is corrupt) {
  const std::string good = R"({"id":"a_1","type":"vendor.thing","processed_at":"2026-05-29T10:00:00Z"})";
  CAF_REQUIRE_EQUAL(outcome_of(read_stored_event(good)), "ok");
  const std::string rows[] = {
      "",
      "{}",
      good + " ",
      " " + good,
      good.substr(0, good.size() - 1),
      R"({"type":"vendor.thing","id":"a_1","processed_at":"2026-05-29T10:00:00Z"})",
      R"({"id":"a_1","a":1,"type":"vendor.thing","processed_at":"2026-05-29T10:00:00Z"})",
      R"({"id":"a_1","type":"vendor.thing","processed_at":"soon"})",
      R"({"id":"a_1","type":"vendor.thing","a":"2026-05-29T10:00:00Z"})",
      R"({"id":"a_1","type":"vendor.thing"})",
      R"({"id":"a_1)",
  };
  for (const auto& text : rows) {
    CAF_MESSAGE(text);
    const auto parts = read_stored_event(text);
    CAF_REQUIRE(!parts);
    CAF_CHECK(parts.error().code == errc::corrupt);
    CAF_CHECK(parts.error().message.starts_with("not a stored event: \""));
  }
}

CAF_TEST(the layout is taken apart to the byte) {
  const std::string_view payloads[] = {"", R"(,"a":1)", R"(,"a":",\"processed_at\":\"T\"}")",
                                       R"(,"a":{"b":1,"processed_at":"U"})"};
  for (const auto payload : payloads) {
    const auto json = std::string{R"({"id":"a_1","type":"v.t")"}.append(payload) + R"(,"processed_at":"T"})";
    CAF_MESSAGE(json);
    const auto parts = stored_layout::read(json);
    CAF_REQUIRE(parts);
    CAF_CHECK_EQUAL(std::string{parts->id}, "a_1");
    CAF_CHECK_EQUAL(std::string{parts->type_name}, "v.t");
    CAF_CHECK_EQUAL(std::string{parts->payload}, std::string{payload});
    CAF_CHECK_EQUAL(std::string{parts->time}, "T");
    // Cut off anywhere, at either end, it is none, as far as can be told without parsing.
    const auto inner_end = json.rfind("\"}", json.size() - 3);
    for (std::size_t size = 0; size < json.size(); ++size)
      if (inner_end == std::string::npos || size != inner_end + 2)
        CAF_CHECK(!stored_layout::read(json.substr(0, size)));
    for (std::size_t size = 1; size < json.size(); ++size) CAF_CHECK(!stored_layout::read(json.substr(size)));
  }
  CAF_CHECK(!stored_layout::read(R"({"id":"a_1","type":"v.t","processed_at":"})"));
}

}  // namespace
