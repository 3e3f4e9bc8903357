// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE toml
#include "config/toml.hpp"

#include "test/unit/support/test.hpp"

using namespace sandbase;

namespace {

using texts = std::vector<std::string>;

/// The message of a text that must be refused.
std::string refusal(const std::string& text) {
  const auto parsed = parse_toml(text);
  if (parsed) CAF_FAIL("accepted: " << text);
  return parsed.error().message;
}

}  // namespace

CAF_TEST(keys stand in tables or with dots) {
  const auto entries = parse_toml(R"(
# a comment
a.b = 1
[http]   # behind a table
listen = "127.0.0.1:8080" # behind a value
threads=0

[ log ]
level = 'info')");
  CAF_REQUIRE(entries);
  CAF_REQUIRE_EQUAL(entries->size(), 4u);
  CAF_CHECK_EQUAL((*entries)[0].key, "a.b");
  CAF_CHECK_EQUAL((*entries)[1].key, "http.listen");
  CAF_CHECK((*entries)[1].values == texts{"127.0.0.1:8080"});
  CAF_CHECK_EQUAL((*entries)[1].line, 5u);
  CAF_CHECK((*entries)[2].values == texts{"0"});
  CAF_CHECK_EQUAL((*entries)[3].key, "log.level");
  CAF_CHECK((*entries)[3].values == texts{"info"});
  CAF_CHECK_EQUAL((*entries)[3].line, 9u);
}

CAF_TEST(strings keep hashes commas and blanks) {
  const auto entries = parse_toml(R"(a = "sqlite:/a #1, b/x.db"
b = 'C:\new'
c = "tab\tquote\" \u00e9")");
  CAF_REQUIRE(entries);
  CAF_CHECK((*entries)[0].values == texts{"sqlite:/a #1, b/x.db"});
  CAF_CHECK((*entries)[1].values == texts{"C:\\new"});
  CAF_CHECK((*entries)[2].values == texts{"tab\tquote\" \u00e9"});
}

CAF_TEST(lists may span lines) {
  const auto entries = parse_toml("a = [ \"x\", # first\n  'y',\n]\nb = []\r\nc = 10_000\r\nd = true");
  CAF_REQUIRE(entries);
  CAF_CHECK((*entries)[0].values == (texts{"x", "y"}));
  CAF_CHECK((*entries)[0].is_array);
  CAF_CHECK((*entries)[1].values.empty());
  CAF_CHECK((*entries)[1].is_array);
  CAF_CHECK((*entries)[2].values == texts{"10000"});
  CAF_CHECK_EQUAL((*entries)[2].line, 5u);
  CAF_CHECK((*entries)[3].values == texts{"true"});
}

CAF_TEST(an empty text has no entries) {
  CAF_CHECK(parse_toml("")->empty());
  CAF_CHECK(parse_toml("\n  # nothing\n\n")->empty());
}

CAF_TEST(everything else is refused with its line) {
  CAF_CHECK_EQUAL(refusal("a = 1\nb"), "line 2: expected '=' behind b");
  CAF_CHECK_EQUAL(refusal("a = info"), "line 1: strings stand in quotes: \"info\"");
  CAF_CHECK_EQUAL(refusal("a = \"x"), "line 1: the string has no closing quote");
  CAF_CHECK_EQUAL(refusal("a = \"x\ny\""), "line 1: the string has no closing quote");
  CAF_CHECK_EQUAL(refusal("a = \"\\q\""), "line 1: the string has a bad escape or is not UTF-8");
  CAF_CHECK_EQUAL(refusal("a = '\x01'"), "line 1: the string has a control character or is not UTF-8");
  CAF_CHECK_EQUAL(refusal("\na = '\xff'"), "line 2: the string has a control character or is not UTF-8");
  CAF_CHECK_EQUAL(refusal("a = 1 2"), "line 1: unexpected text behind the value");
  // Only with a line feed does a carriage return end a line.
  CAF_CHECK_EQUAL(refusal("a = 1\rb = 2"), "line 1: unexpected text behind the value");
  CAF_CHECK_EQUAL(refusal("\ra = 1"), "line 1: expected a key such as listen");
  CAF_CHECK_EQUAL(refusal("a = 1\n\n[x]\na = 1\na = 2"), "line 5: x.a is given twice");
  CAF_CHECK_EQUAL(refusal("[x\na = 1"), "line 1: expected ']' behind the section's name");
  CAF_CHECK_EQUAL(refusal("[]\n"), "line 1: expected a section such as [http]");
  CAF_CHECK_EQUAL(refusal("[[x]]\n"), "line 1: arrays of tables are not used here");
  CAF_CHECK_EQUAL(refusal("a = [1, 2"), "line 1: expected ',' or ']' in the list");
  CAF_CHECK_EQUAL(refusal("a = 1.5"), "line 1: strings stand in quotes: \"1.5\"");
  CAF_CHECK_EQUAL(refusal("a ="), "line 1: expected a value");
  CAF_CHECK_EQUAL(refusal("= 1"), "line 1: expected a key such as listen");
}
