// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE transfer_line
#include "persistence/transfer/transfer_line.hpp"

#include "events/ids/event_id.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;

namespace {

transfer_line read(std::string_view text) { return read_transfer_line(text, json::line_breaks::escaped); }

bad_line refused(std::string_view text) {
  auto line = read(text);
  auto* bad = std::get_if<bad_line>(&line);
  if (bad == nullptr) CAF_FAIL("not refused: " << text);
  return *bad;
}

}  // namespace

CAF_TEST(an event is found in a line of any layout) {
  for (const std::string_view text : {R"({"event":{"type":"agent.message","n":1.10}})",
                                      R"( {	"event" : {"type":"agent.message", "n" :1.10} } )",
                                      "{\"event\":{\"type\":\"agent.message\",\"n\":1.10}}\r"}) {
    const auto line = read(text);
    CAF_REQUIRE(std::holds_alternative<event_line>(line));
    CAF_CHECK_EQUAL(std::get<event_line>(line).draft.payload, R"("n":1.10)");
  }
}

CAF_TEST(a header is found whatever stands first) {
  const std::string session = R"("session":{"id":"sess_a","agent":"agent_1","environment_id":"env_1"})";
  for (const auto& text :
       {"{" + session + "}", R"({"workspace":"w",)" + session + "}", "{ " + session + R"(,"more":1})"}) {
    const auto line = read(text);
    CAF_REQUIRE(std::holds_alternative<header_line>(line));
    CAF_CHECK_EQUAL(std::get<header_line>(line).header.definition.id, "sess_a");
  }
}

CAF_TEST(a line is refused by the field that is at fault) {
  const struct {
    std::string_view text;
    line_kind meant;
    std::string_view message;
  } rows[] = {
      {R"({"event":{]})", line_kind::event, "event: malformed JSON at byte 10, unexpected ']'"},
      {R"({"event":{}})", line_kind::event, "event.type: is required"},
      {R"({"event":1})", line_kind::event, "event: must be an object"},
      {R"({"event":{"type":"agent.message"},"more":1})", line_kind::event,
       "more: is not known beside an event"},
      {R"({"":1,"event":{"type":"agent.message"}})", line_kind::event,
       R"([""]: is not known beside an event)"},
      {R"({"event":{"type":"a.b"},"salt":7})", line_kind::event, "salt: must be 32 lower-case hex digits"},
      {R"({"event":{"type":"a.b"},"salt":"00112233445566778899aabbccddeeF0"})", line_kind::event,
       "salt: must be 32 lower-case hex digits"},
      {R"({"event":{"type":"a.b"},"leaf":"00112233445566778899aabbccddeeff"})", line_kind::event,
       "leaf: must be 64 lower-case hex digits"},
      {R"({"event":{"type":"a.b"},"salt":"00112233445566778899aabbccddeeff","leaf":""})", line_kind::event,
       "leaf: stands in place of a salt, not beside it"},
      {R"({"event":{"type":"agent.message","id":"no id"}})", line_kind::event,
       "event.id: must be letters, '_', then 1 to 64 letters or digits"},
      {R"({"event":{"type":"a.b","a":{"b":1,"b":2}}})", line_kind::event, "event.a: duplicate key \"b\""},
      {R"({"session":{"id":"sess_a"}})", line_kind::header, "session.agent: is required"},
      {R"({"workspace":"w","session":7})", line_kind::header, "session: must be an object"},
      {R"({"session":{)", line_kind::header, "session: the JSON ends too early at byte 12"},
      {R"({"evnt":{}})", line_kind::neither,
       R"(neither an event, {"event":{…}}, nor a session's header, {"session":{…}})"},
      {R"([{"event":{}}])", line_kind::neither,
       R"(neither an event, {"event":{…}}, nor a session's header, {"session":{…}})"},
      {"nonsense", line_kind::neither, "malformed JSON at byte 0, unexpected 'n'"},
  };
  for (const auto& row : rows) {
    const auto bad = refused(row.text);
    CAF_CHECK(bad.meant == row.meant);
    CAF_CHECK_EQUAL(bad.why.message, row.message);
    CAF_CHECK(bad.why.code == errc::invalid);
  }
}

CAF_TEST(a header that is refused names its session if it can) {
  CAF_CHECK_EQUAL(refused(R"({"session":{"id":"sess_a"}})").session, "sess_a");
  CAF_CHECK_EQUAL(refused(R"({"session":{"id":"no id"}})").session, "");
  CAF_CHECK_EQUAL(refused(R"({"session":{"id":7}})").session, "");
  CAF_CHECK_EQUAL(refused(R"({"session":{"id":"sess_a")").session, "");
}

CAF_TEST(an event nests as deep in a line as in a request) {
  const auto nested = [](std::size_t depth) {
    return R"({"event":{"type":"a.b","a":)" + std::string(depth, '[') + std::string(depth, ']') + "}}";
  };
  CAF_CHECK(std::holds_alternative<event_line>(read(nested(json::max_depth - 1))));
  CAF_CHECK(refused(nested(json::max_depth)).why.message.find("nesting deeper") != std::string::npos);
}

CAF_TEST(what is written is read) {
  const auto id = make_event_id(timestamp{}, 1, 7);
  const auto json = R"({"id":")" + id + R"(","type":"a.b","n":1e400,"processed_at":"2026-05-29T10:00:00Z"})";
  log_block_builder builder{1, digest{}};
  builder.add(event_type::custom, id, timestamp{}, json);
  std::string text;
  const auto leaf = event_proof::from_leaf(sha256("erased"));
  builder.add(event_type::custom, id, timestamp{}, json, leaf);
  const auto block = builder.finish();
  append_event_line(text, *block, 2);
  CAF_CHECK(text.size() - 1 <= json.size() + event_line_extra);
  text.pop_back();
  const auto erased = read(text);
  CAF_REQUIRE(std::holds_alternative<event_line>(erased));
  CAF_CHECK(std::get<event_line>(erased).proof == leaf);
  text.clear();
  append_event_line(text, *block, 1);
  CAF_CHECK(text.size() - 1 <= json.size() + event_line_extra);
  CAF_REQUIRE_EQUAL(text.back(), '\n');
  text.pop_back();
  CAF_CHECK(guess_kind(text) == line_kind::event);
  const auto line = read(text);
  CAF_REQUIRE(std::holds_alternative<event_line>(line));
  CAF_CHECK(renders_to(std::get<event_line>(line).draft, json));
  CAF_CHECK(std::get<event_line>(line).proof == block->proof(1));

  session_header header;
  auto& d = header.definition.edit();
  d.id = "sess_a";
  d.agent_id = "agent_1";
  d.agent = R"({"type":"agent","id":"agent_1","version":1})";
  d.environment_id = "env_1";
  auto first = render_header_line(header, "w", timestamp{});
  CAF_REQUIRE_EQUAL(first.back(), '\n');
  first.pop_back();
  CAF_CHECK(guess_kind(first) == line_kind::header);
  const auto read_back = read(first);
  CAF_REQUIRE(std::holds_alternative<header_line>(read_back));
  CAF_CHECK_EQUAL(std::get<header_line>(read_back).header.workspace, "w");
  CAF_CHECK(std::get<header_line>(read_back).header.expected_events == seq_t{0});
}
