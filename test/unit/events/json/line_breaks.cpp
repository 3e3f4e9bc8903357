// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE line_breaks
#include "events/json/line_breaks.hpp"

#include "events/json/json_text.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;

namespace {

CAF_TEST(line breaks become their escapes and nothing else changes) {
  const struct {
    std::string text;
    std::string escaped;
  } rows[] = {
      {"\"a\u2028b\"", R"("a\u2028b")"},
      {"\"\u2029\"", R"("\u2029")"},
      {"\"\u0085\"", R"("\u0085")"},
      {"\"\u2028\u0085\u2029\u0085\u2028\"", R"("\u2028\u0085\u2029\u0085\u2028")"},
      {"{\"k\u2028\":[\"\u0085\",1.10]}", R"({"k\u2028":["\u0085",1.10]})"},
      {"\"“quoted” – …\u2028© é\u0085\"", "\"“quoted” – …\\u2028© é\\u0085\""},
      // A backslash before it is one of an escaped pair.
      {"\"\\\\\u2028\"", R"("\\\u2028")"},
  };
  for (const auto& [text, escaped] : rows) {
    const auto made = escape_line_breaks(text);
    CAF_REQUIRE(made);
    CAF_CHECK_EQUAL(*made, escaped);
    CAF_CHECK_EQUAL(std::string{json::value{*made}.text()}, escaped);
    CAF_CHECK(!escape_line_breaks(*made));
  }
}

CAF_TEST(a text without any is left alone) {
  for (const std::string_view text : {"", "\"\"", R"("\u2028\u0085")", "\"“ ” – … € ‧ \u2027 \u202a\"",
                                      "\"\u0084\u0086 © Â\"", "\"\u4e2d\u6587\""})
    CAF_CHECK(!escape_line_breaks(text));
}

CAF_TEST(every place of a long text is looked at) {
  std::string text = "\"";
  std::string expected = "\"";
  for (int i = 0; i < 3000; ++i) {
    text += i % 7 == 0 ? "\u2028" : i % 11 == 0 ? "\u0085" : i % 5 == 0 ? "\u2019" : "x";
    expected += i % 7 == 0 ? "\\u2028" : i % 11 == 0 ? "\\u0085" : i % 5 == 0 ? "\u2019" : "x";
  }
  const auto escaped = escape_line_breaks(text);
  CAF_REQUIRE(escaped);
  CAF_CHECK_EQUAL(*escaped, expected);
}

}  // namespace
