// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE json_document
#include "events/json/json_document.hpp"

#include "test/unit/events/expect.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;
using testing::outcome_of;

namespace {

std::string read(std::string_view text) {
  const auto document = json::document::read(text, "x");
  return document ? std::string{document->text()} : outcome_of(document);
}

CAF_TEST(what is in order stays as it is) {
  for (const std::string_view text :
       {R"({"a":[1.10,12345678901234567890,1e400,1e99999999999],"b":"\ud83d\ude00 \uD83D\uDE00 \u00e9"})",
        "null", R"("\\ud83d")", R"( [ "\"\\" ] )"}) {
    const auto document = json::document::read(text);
    CAF_REQUIRE_EQUAL(outcome_of(document), "ok");
    CAF_CHECK(document->text().data() == text.data());
    CAF_CHECK_EQUAL(std::string{document->text()}, std::string{text});
  }
}

CAF_TEST(half of a surrogate pair becomes the replacement character) {
  const struct {
    std::string text;
    std::string kept;
  } rows[] = {
      {R"("cut \ud83d")", R"("cut \ufffd")"},
      {R"("\ud83d…")", R"("\ufffd…")"},
      {R"("\ud83d\n")", R"("\ufffd\n")"},
      {R"("\uD83D\u0041")", R"("\ufffd\u0041")"},
      {R"("\ude00")", R"("\ufffd")"},
      {R"("\ude00\ud83d")", R"("\ufffd\ufffd")"},
      {R"("\ud83d\ud83d\ude00\ude00")", R"("\ufffd\ud83d\ude00\ufffd")"},
      {R"("\\\ud83d\\ud83d")", R"("\\\ufffd\\ud83d")"},
      {R"({"a":"\udfff","b":{"c":["\ud800"]}})", R"({"a":"\ufffd","b":{"c":["\ufffd"]}})"},
      {R"({"a":1e99999999999,"b":"\ud83d"})", R"({"a":1e99999999999,"b":"\ufffd"})"},
      // With a line break behind it.
      {"\"\\ud83d\u2028\"", R"("\ufffd\u2028")"},
  };
  for (const auto& [text, kept] : rows) {
    CAF_CHECK_EQUAL(read(text), kept);
    CAF_CHECK(json::validate(kept));
  }
}

CAF_TEST(halves in names are refused where they stand) {
  const struct {
    std::string text;
    std::string outcome;
  } rows[] = {
      {R"({"a\ud83d":1})", "invalid: x: half of a surrogate pair in a name at byte 3"},
      {R"({"a":[{"b":2},{"c":{"\ude00" :null}}]})",
       "invalid: x.a[1].c: half of a surrogate pair in a name at byte 21"},
      {R"({"a":"\ud83d","b\ud83d":1})", "invalid: x: half of a surrogate pair in a name at byte 16"},
      {R"({"\ud83d\ude00":"\ud83d"})", "ok"},
      {R"(["\ud83d",":"])", "ok"},
  };
  for (const auto& [text, outcome] : rows)
    CAF_CHECK_EQUAL(outcome_of(json::document::read(text, "x")), outcome);
}

CAF_TEST(what else is wrong is told as ever) {
  const struct {
    std::string text;
    std::string outcome;
  } rows[] = {
      {R"({"a":"\ud83d",})", "invalid: x: malformed JSON at byte 14, unexpected '}'"},
      {R"({"a":"\ud83d","a":1})", "invalid: x: duplicate key \"a\""},
      {R"({"a":"\ud83d)", "invalid: x.a: the JSON ends too early at byte 12"},
      {R"("\ud83)", "invalid: x: the JSON ends too early at byte 6"},
      {R"("\ud83d\u00g0")", "invalid: x: four hex digits must follow \\u at byte 11"},
      {R"(\ud83d)", "invalid: x: malformed JSON at byte 0, unexpected '\\'"},
      {"", "invalid: x: the JSON ends too early at byte 0"},
  };
  for (const auto& [text, outcome] : rows) {
    CAF_MESSAGE(std::string{text});
    CAF_CHECK_EQUAL(outcome_of(json::document::read(text, "x")), outcome);
  }
}

CAF_TEST(a log that has its own hash chain keeps its line breaks) {
  const std::string_view text = "[\"\u2028\",\"\\ud83d\"]";
  const auto document = json::document::read(text, {}, json::line_breaks::kept);
  CAF_REQUIRE(document);
  CAF_CHECK_EQUAL(std::string{document->text()}, "[\"\u2028\",\"\\ufffd\"]");
}

CAF_TEST(a byte order mark in front of a body is passed over) {
  const std::string mark = "\ufeff";
  const auto document = json::document::read_body(mark + R"({"a":1})");
  CAF_REQUIRE(document);
  CAF_CHECK(json::document::read_body(R"({"a":1})"));
  CAF_CHECK(!json::document::read_body(mark + mark + "1"));
  CAF_CHECK(!json::document::read_body("1" + mark));
  CAF_CHECK(!json::document::read(mark + "1"));
  CAF_CHECK(json::skip_byte_order_mark("\xef\xbb") == "\xef\xbb");
}

CAF_TEST(a document can be moved) {
  auto first = json::document::read(R"("\ud83d")");
  CAF_REQUIRE(first);
  const auto second = *std::move(first);
  CAF_CHECK_EQUAL(std::string{second.text()}, R"("\ufffd")");
  CAF_CHECK_EQUAL(second.root().as_string(), "\ufffd");
}

}  // namespace
