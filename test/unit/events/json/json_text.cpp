// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE json_text
#include "events/json/json_text.hpp"

#include "test/unit/events/expect.hpp"
#include "test/unit/support/test.hpp"

#include <string>
#include <vector>

namespace {

using namespace sandbase;
using json::kind;
using json::value;

CAF_TEST(kinds of values) {
  struct row {
    std::string_view text;
    kind expected;
  };
  const row rows[] = {
      {"null", kind::null},    {" true", kind::boolean}, {"false ", kind::boolean}, {"-1", kind::number},
      {"\n0\n", kind::number}, {R"("x")", kind::string}, {"[]", kind::array},       {"\t{}", kind::object},
  };
  for (const auto& [text, expected] : rows) CAF_CHECK(value{text}.is(expected));
  CAF_CHECK_EQUAL(std::string{value{" [ 1 ] "}.text()}, "[ 1 ]");
  CAF_CHECK(value{"true"}.as_bool());
  CAF_CHECK(!value{"false"}.as_bool());
}

CAF_TEST(strings are decoded) {
  struct row {
    std::string_view text;
    std::string expected;
  };
  const row rows[] = {
      {R"("")", ""},
      {R"("plain")", "plain"},
      {R"("\"\\\/\b\f\n\r\t")", "\"\\/\b\f\n\r\t"},
      {R"("a\\")", "a\\"},
      {R"("\\\"")", "\\\""},
      {R"("\u0041\u00e9\u20AC\uD834\uDD1Ez")", "A\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9ez"},
      {R"("\u0000")", std::string(1, '\0')},
      {R"("\u007f\u0080\u07ff\u0800\uffff")", "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf"},
      {R"("\udbff\udfff")", "\xf4\x8f\xbf\xbf"},
      {"\"\xc3\xa9\"", "\xc3\xa9"},
  };
  for (const auto& [text, expected] : rows) {
    CAF_REQUIRE(json::validate(text));
    CAF_CHECK_EQUAL(value{text}.as_string(), expected);
  }
}

CAF_TEST(integers that fit) {
  CAF_CHECK(value{"0"}.as_int() == 0);
  CAF_CHECK(value{"-0"}.as_int() == 0);
  CAF_CHECK(value{"9223372036854775807"}.as_int() == std::numeric_limits<std::int64_t>::max());
  CAF_CHECK(value{"-9223372036854775808"}.as_int() == std::numeric_limits<std::int64_t>::min());
  for (const std::string_view text :
       {"9223372036854775808", "-9223372036854775809", "1.0", "1e2", "1.5", "1e400"})
    CAF_CHECK(!value{text}.as_int());
}

CAF_TEST(members are walked in their order) {
  const std::string_view text = R"( { "a" : 1 , "b\n":[ 1, {"x":"}]"} ],"":{ } , "c":"\"}" } )";
  CAF_REQUIRE(json::validate(text));
  std::string seen;
  value{text}.for_each_member([&](std::string_view key_text, std::string_view key, const value& v) {
    seen.append(key_text).append("|").append(key).append("|").append(v.text()).append(";");
  });
  CAF_CHECK_EQUAL(seen, "\"a\"|a|1;\"b\\n\"|b\n|[ 1, {\"x\":\"}]\"} ];\"\"||{ };\"c\"|c|\"\\\"}\";");
  CAF_CHECK_EQUAL(value{text}.count(), std::size_t{4});
  CAF_CHECK_EQUAL(value{"{}"}.count(), std::size_t{0});
  CAF_CHECK_EQUAL(value{" { } "}.count(), std::size_t{0});
}

CAF_TEST(elements are walked in their order) {
  const std::string_view text = R"([1 , "a,b" ,[[]], {"k":[2]},null,-1.5e+3 ,true])";
  CAF_REQUIRE(json::validate(text));
  std::vector<std::string> seen;
  value{text}.for_each_element([&](std::size_t index, const value& v) {
    CAF_CHECK_EQUAL(index, seen.size());
    seen.emplace_back(v.text());
  });
  const std::vector<std::string> expected{"1", "\"a,b\"", "[[]]", "{\"k\":[2]}", "null", "-1.5e+3", "true"};
  CAF_CHECK_EQUAL(seen, expected);
  CAF_CHECK_EQUAL(value{text}.count(), expected.size());
  CAF_CHECK_EQUAL(value{"[ ]"}.count(), std::size_t{0});
}

CAF_TEST(a walk stops when it is told to) {
  int seen = 0;
  value{"[1,2,3]"}.for_each_element([&](std::size_t, const value&) { return ++seen < 2; });
  CAF_CHECK_EQUAL(seen, 2);
  value{R"({"a":1,"b":2})"}.for_each_member([&](std::string_view, std::string_view, const value&) {
    ++seen;
    return false;
  });
  CAF_CHECK_EQUAL(seen, 3);
}

CAF_TEST(members are found by their decoded key) {
  const value object{R"({"x":{"a":0},"\u0061":1,"b":null})"};
  CAF_REQUIRE(object.find("a"));
  CAF_CHECK_EQUAL(std::string{object.find("a")->text()}, "1");
  CAF_REQUIRE(object.find("b"));
  CAF_CHECK(object.find("b")->is(kind::null));
  CAF_CHECK(!object.find("c"));
  CAF_CHECK(!object.find(""));
}

CAF_TEST(compaction takes only the white space between tokens) {
  struct row {
    std::string_view text;
    std::string expected;
  };
  const row rows[] = {
      {"", ""},
      {" 1 ", "1"},
      {"\t[ 1 ,\r\n 2 ]\n", "[1,2]"},
      {R"({ "a b" : " c \" d " , "e" : [ ] })", R"({"a b":" c \" d ","e":[]})"},
      {R"([ "\\" , "\\\" " , "\\\\" , " " ])", R"(["\\","\\\" ","\\\\"," "])"},
      {R"([1.10, 12345678901234567890, 1e400, -0.0, 1E+2])",
       R"([1.10,12345678901234567890,1e400,-0.0,1E+2])"},
      {R"(["\u0041\/\u00e9"])", R"(["\u0041\/\u00e9"])"},
      {"[ \"\xe2\x80\xa8 \" ]", "[\"\xe2\x80\xa8 \"]"},
      {R"({"compact":[1,{"already":"yes"}]})", R"({"compact":[1,{"already":"yes"}]})"},
  };
  for (const auto& [text, expected] : rows) {
    std::string out = "before:";
    json::append_compact(out, text);
    CAF_CHECK_EQUAL(out, "before:" + expected);
  }
}

CAF_TEST(strings are escaped where they must be) {
  CAF_CHECK_EQUAL(json::quoted(""), R"("")");
  CAF_CHECK_EQUAL(json::quoted("a/b'\x7f\xc3\xa9\xe2\x80\xa6"), "\"a/b'\x7f\xc3\xa9\xe2\x80\xa6\"");
  CAF_CHECK_EQUAL(json::quoted("\u2028a\u2029\u0085\u0086"), "\"\\u2028a\\u2029\\u0085\u0086\"");
  CAF_CHECK_EQUAL(json::quoted("\"\\\b\f\n\r\t"), R"("\"\\\b\f\n\r\t")");
  CAF_CHECK_EQUAL(json::quoted({"\0\x01\x1f", 3}), R"("\u0000\u0001\u001f")");
  std::string every;
  for (int c = 0; c < 128; ++c) every += static_cast<char>(c);
  const auto text = json::quoted(every);
  CAF_REQUIRE(json::validate(text));
  CAF_CHECK_EQUAL(value{text}.as_string(), every);
}

}  // namespace
