// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE option_file
#include "config/option_file.hpp"

#include "test/unit/support/test.hpp"

using namespace sandbase;

namespace {

using texts = std::vector<std::string>;

/// The message of a text that must be refused.
std::string refusal(const std::string& text) {
  const auto parsed = parse_option_file(text);
  if (parsed) CAF_FAIL("accepted: " << text);
  return parsed.error().message;
}

}  // namespace

CAF_TEST(keys stand in tables or with dots) {
  const auto entries = parse_option_file(R"(
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
  const auto entries = parse_option_file(R"(a = "sqlite:/a #1, b/x.db"
b = 'C:\new'
c = "tab\tquote\" \u00e9")");
  CAF_REQUIRE(entries);
  CAF_CHECK((*entries)[0].values == texts{"sqlite:/a #1, b/x.db"});
  CAF_CHECK((*entries)[1].values == texts{"C:\\new"});
  CAF_CHECK((*entries)[2].values == texts{"tab\tquote\" \u00e9"});
}

CAF_TEST(what is quoted for a file is read from it as it was) {
  for (const std::string text : {"", "a b", "\"\\", "\x01\t\n\x7f", "\u00fc\u2028"}) {
    const auto read = parse_option_file("key = " + quoted_for_file(text));
    CAF_REQUIRE(read && read->size() == 1);
    CAF_CHECK_EQUAL(read->front().values, texts{text});
  }
}

CAF_TEST(lists may span lines) {
  const auto entries = parse_option_file("a = [ \"x\", # first\n  'y',\n]\nb = []\r\nc = 10_000\r\nd = true");
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
  CAF_CHECK(parse_option_file("")->empty());
  CAF_CHECK(parse_option_file("\n  # nothing\n\n")->empty());
}

CAF_TEST(tables have as many spellings as in TOML) {
  const auto entries =
      parse_option_file("b.c . d = 1\na = { y = [\n1 ], x = \"\"\"two\nlines\"\"\" }\n[e]\n[f.g]\nh = 2");
  CAF_REQUIRE(entries);
  std::string seen;
  for (const auto& e : *entries) seen += e.key + "@" + std::to_string(e.line) + " ";
  CAF_CHECK_EQUAL(seen, "b.c.d@1 a.y@2 a.x@3 f.g.h@7 ");
  CAF_CHECK((*entries)[2].values == texts{"two\nlines"});
}

CAF_TEST(a part in quotes is not taken for several) {
  const auto entries = parse_option_file("\"http.listen\" = 1\n[http]\n\"\" = 2\n'a\"b' = 3\n\"ok\" = 4");
  CAF_REQUIRE(entries);
  std::string seen;
  for (const auto& e : *entries) seen += e.key + " ";
  CAF_CHECK_EQUAL(seen, R"("http.listen" http."" http."a\"b" http.ok )");
}

CAF_TEST(integers are shown in decimal digits) {
  const auto entries = parse_option_file("a = [0x1f, +5, -5, 10_000]");
  CAF_REQUIRE(entries);
  CAF_CHECK((*entries)[0].values == (texts{"31", "5", "-5", "10000"}));
}

CAF_TEST(what no option takes is refused with its line and its name) {
  for (const std::string value :
       {"1.5", "inf", "1979-05-27", "07:32:00", "[1, 2.5]", "[[1]]", "[{ b = 1 }]"}) {
    CAF_CHECK_EQUAL(refusal("[x]\ny = " + value),
                    "line 2: x.y takes strings in quotes, whole numbers, true or false, or a list of these");
  }
  CAF_CHECK(refusal("a = 1\n[[x]]\nb = 1").starts_with("line 2: x takes "));
  CAF_MESSAGE("the first of several");
  CAF_CHECK(refusal("z = 1.5\na = 1.5").starts_with("line 1: z takes "));
}

CAF_TEST(what is not TOML is refused with its line) {
  const std::pair<std::string, std::string> rows[] = {
      {"a = 1\nb", "line 2: b: "},
      {"a = info", "line 1: a: "},
      {"a = \"x", "line 1: a: "},
      {"a = \"x\ny\"", "line 1: a: "},
      {"a = \"\\q\"", "line 1: a: "},
      {"a = '\x01'", "line 1: a: "},
      {"a = \u00e9", "line 1: a: "},
      {"[=]", "line 1: "},
      {"a = 1 2", "line 1: a: "},
      // Only with a line feed does a carriage return end a line.
      {"a = 1\rb = 2", "line 1: a: "},
      {"\ra = 1", "line 1: "},
      {"a = 1\n\n[x]\na = 1\na = 2", "line 5: a: "},
      {"a = 1\n[x]\n[x]\n", "line 3: [x]: "},
      {"[x\na = 1", "line 1: [x: "},
      {"[]\n", "line 1: []: "},
      {"a = [1, 2", "line 1: a: "},
      {"a =", "line 1: a: "},
      {"= 1", "line 1: "},
      {"a = 99999999999999999999", "line 1: a: "},
  };
  for (const auto& [text, expected] : rows) {
    const auto message = refusal(text);
    CAF_CHECK_EQUAL(message.substr(0, expected.size()), expected);
    CAF_CHECK(message.size() > expected.size() + 10);
    CAF_CHECK(message.find('\n') == std::string::npos);
  }
  CAF_MESSAGE("bytes that are not UTF-8, however far they are read ahead");
  CAF_CHECK_EQUAL(refusal("a = 1\nb = '\xff'"), "line 2: not UTF-8");
  CAF_CHECK_EQUAL(refusal("a = 1\n\n\xed\xa0\x80"), "line 3: not UTF-8");
  CAF_MESSAGE("a value that may be a secret is not shown");
  CAF_CHECK(refusal("url = \"secret\\q\"").find("secret") == std::string::npos);
}
