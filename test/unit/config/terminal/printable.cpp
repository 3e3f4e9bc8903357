// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE printable
#include "config/terminal/printable.hpp"

#include "events/json/json_text.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;

CAF_TEST(text stays and what commands a terminal does not ) {
  CAF_CHECK_EQUAL(printable("größer 日本 🙂"), "größer 日本 🙂");
  CAF_CHECK_EQUAL(printable("a\x1b[31mb\x07\x7f"), "a?[31mb??");
  CAF_CHECK_EQUAL(printable("\xc2\x9b"
                            "31m\xc2\x85"),
                  "?31m?");
  CAF_CHECK_EQUAL(printable("\u202e\u2066\u200f\u2028"), "????");
  CAF_CHECK_EQUAL(printable("\xff"
                            "a\xc3"),
                  "?a?");
  CAF_CHECK_EQUAL(printable(std::string_view{"a\0b", 3}), "a?b");
}

CAF_TEST(lines are kept where they are wanted) {
  CAF_CHECK_EQUAL(printable("a\r\nb\tc"), "a b c");
  CAF_CHECK_EQUAL(printable("a\r\nb\tc", spaces::keep_lines), "a\nb c");
  CAF_CHECK_EQUAL(printable("100 %\roverwritten"), "100 %overwritten");
}

CAF_TEST(widths are those of a terminal) {
  CAF_CHECK_EQUAL(display_width("abc"), 3u);
  CAF_CHECK_EQUAL(display_width("größer"), 6u);
  CAF_CHECK_EQUAL(display_width("日本"), 4u);
  CAF_CHECK_EQUAL(display_width("e\u0301"), 1u);
}

CAF_TEST(what does not fit is cut off visibly) {
  CAF_CHECK_EQUAL(cut_to_width("abcdef", 6), "abcdef");
  CAF_CHECK_EQUAL(cut_to_width("abcdef", 5), "abcd…");
  CAF_CHECK_EQUAL(cut_to_width("日本語", 5), "日本…");
  CAF_CHECK_EQUAL(cut_to_width("日本語", 4), "日…");
  CAF_CHECK_EQUAL(cut_to_width("abc", 0), "");
  CAF_CHECK_EQUAL(cut_to_width("abc", 1), "…");
}

CAF_TEST(json for a terminal is the same value) {
  const std::string raw = "{\"a\":\"x\xc2\x9by\u202e\x7f\"}";
  const auto shown = escape_for_terminal(raw);
  CAF_CHECK_EQUAL(shown, R"({"a":"x\u009by\u202e\u007f"})");
  CAF_CHECK_EQUAL(json::value{shown}.find("a")->as_string(), json::value{raw}.find("a")->as_string());
}
