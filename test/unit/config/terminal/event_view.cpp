// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE event_view
#include "config/terminal/event_view.hpp"

#include "config/terminal/preview_text.hpp"
#include "config/terminal/printable.hpp"
#include "test/unit/support/test.hpp"

#include <algorithm>

using namespace sandbase;

namespace {

constexpr palette plain{false};

std::string summary(const std::string& text) { return summary_of(json::value{text}); }
std::string show(const std::string& text, view_bounds bounds = {}, palette colours = plain) {
  return render_event_for_people(json::value{text}, bounds, colours);
}

std::string message(const std::string& text) {
  return R"({"id":"sevt_1","type":"agent.message","content":[{"type":"text","text":")" + text +
         R"("}],"processed_at":"2026-05-29T10:00:03.120Z"})";
}

}  // namespace

CAF_TEST(an event says what matters) {
  CAF_CHECK_EQUAL(summary(message("Hi")), "Hi");
  CAF_CHECK_EQUAL(summary(R"({"type":"user.message","content":[{"type":"text","text":"a"},{"type":"image"},)"
                          R"({"type":"text","text":"b"}]})"),
                  "a\nb");
  CAF_CHECK_EQUAL(summary(R"({"id":"sevt_7","type":"agent.tool_use","name":"bash","input":{"cmd": "ls"}})"),
                  R"(bash {"cmd":"ls"}  sevt_7)");
  CAF_CHECK_EQUAL(summary(R"({"id":"sevt_7","type":"agent.tool_use","content":{"name":"bash","input":{}}})"),
                  "bash {}  sevt_7");
  CAF_CHECK_EQUAL(summary(R"({"type":"session.status_idle","stop_reason":{"type":"end_turn"}})"), "end_turn");
  CAF_CHECK_EQUAL(summary(R"({"type":"session.error","error":{"type":"x","message":"broken"}})"), "broken");
  CAF_CHECK_EQUAL(summary(R"({"type":"session.status_running","id":"a","processed_at":"b"})"), "");
  CAF_CHECK_EQUAL(summary(R"({"type":"acme.step","id":"a","step": 3,"processed_at":"b"})"), R"({"step":3})");
  CAF_CHECK_EQUAL(summary(R"({"type":"user.message","redacted":{"at":"x","reason":"a card"}})"),
                  "erased: a card");
  CAF_CHECK_EQUAL(
      summary(
          R"({"type":"user.tool_confirmation","tool_use_id":"sevt_1","result":"deny","deny_message":"no"})"),
      "deny sevt_1: no");
}

CAF_TEST(members of another kind are no fault) {
  for (const auto* text :
       {R"({"type":7})", R"({"type":"user.message","content":7})",
        R"({"type":"user.message","content":[7,"x"]})",
        R"({"type":"agent.tool_use","content":{"name":7},"input":null})",
        R"({"type":"session.error","error":"x"})", R"({"type":"span.model_request_end","model_usage":[]})",
        R"({"type":"session.status_idle","stop_reason":1})", R"({"type":"user.message","redacted":true})"})
    CAF_CHECK(!show(text).empty());
}

CAF_TEST(a file gets one line an event) {
  CAF_CHECK_EQUAL(show(message("Hello\\nthere")), "10:00:03 agent.message         Hello there\n");
  CAF_CHECK_EQUAL(show(R"({"type":"session.status_running","processed_at":"2026-05-29T10:00:03Z"})"),
                  "10:00:03 session.status_running\n");
  CAF_CHECK_EQUAL(show(R"({"type":"x"})"), "         x\n");
}

CAF_TEST(a terminal gets lines that fit below each other) {
  const auto shown =
      show(message("one two three four five six seven eight nine ten eleven twelve\\nagain"), {80});
  CAF_CHECK_EQUAL(shown,
                  "10:00:03 agent.message         one two three four five six seven eight nine ten\n"
                  "                               eleven twelve\n"
                  "                               again\n");
  CAF_CHECK_EQUAL(show(message("one two three"), {12}), "10:00:03 agent.message\n    one two\n    three\n");
}

CAF_TEST(long texts are folded away) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "line\\n";
  const auto shown = show(message(text), {80, 5});
  CAF_CHECK_EQUAL(std::ranges::count(shown, '\n'), 5);
  CAF_CHECK(shown.find("97 lines more") != std::string::npos);
}

CAF_TEST(nothing in an event reaches the terminal raw) {
  const auto hostile =
      R"({"id":"\u001b[2J","type":"agent.tool_use\u001b[1m","name":"\u001b]0;x\u0007","input":)"
      R"({"\u009b":"\u202e"},"processed_at":"\u001b[2J2026-05-29T10:00:03Z"})";
  for (const view_bounds bounds : {view_bounds{}, view_bounds{80}, view_bounds{20}}) {
    const auto shown = show(hostile, bounds);
    CAF_CHECK_EQUAL(printable(shown, spaces::keep_lines), shown);
  }
}

CAF_TEST(colours stand only where they are wanted) {
  CAF_CHECK(show(message("x")).find('\x1b') == std::string::npos);
  CAF_CHECK(show(message("x"), {80}, palette{true}).find("\x1b[32magent.message\x1b[0m") !=
            std::string::npos);
}

CAF_TEST(passing lines are drawn over) {
  passing_lines passing{2};
  CAF_CHECK_EQUAL(passing.erase(), "");
  CAF_CHECK_EQUAL(passing.show({"a"}), "a\n");
  CAF_CHECK_EQUAL(passing.show({"a", "b", "c"}), "\r\x1b[1A\x1b[Jb\nc\n");
  CAF_CHECK_EQUAL(passing.erase(), "\r\x1b[2A\x1b[J");
  CAF_CHECK_EQUAL(passing.erase(), "");
}

CAF_TEST(previews add up until their event is there) {
  preview_text previews;
  const auto add = [&](const std::string& text) { previews.add(json::value{text}); };
  add(R"({"type":"event_start","event":{"type":"agent.message","id":"sevt_1"}})");
  CAF_CHECK(!previews.empty());
  CAF_CHECK_EQUAL(previews.text(), "");
  add(R"({"type":"event_delta","event_id":"sevt_1","delta":{"type":"content_delta","index":0,)"
      R"("content":{"type":"text","text":"Hel"}}})");
  add(R"({"type":"event_delta","event_id":"sevt_1","delta":{"type":"content_delta","index":0,)"
      R"("content":{"type":"text","text":"lo"}}})");
  add(R"({"type":"event_delta","event_id":"sevt_1","delta":{"type":"content_delta","index":1,)"
      R"("content":{"type":"text","text":"!"}}})");
  CAF_CHECK_EQUAL(previews.text(), "Hello\n!");
  add(R"({"type":"event_delta","event_id":"sevt_1"})");
  add(R"({"type":"event_delta","event_id":7,"delta":[]})");
  previews.conclude("sevt_1");
  CAF_CHECK(previews.empty());
}
