// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE json_validate
#include "events/json/json_text.hpp"
#include "test/unit/events/expect.hpp"
#include "test/unit/support/test.hpp"

#include <string>
#include <vector>

namespace {

using namespace sandbase;
using testing::outcome_of;

std::string repeat(std::string_view piece, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += piece;
  return out;
}

/// An object of `count` members k0, k1, … and then `last`.
std::string object_of(int count, std::string_view last) {
  std::string out = "{";
  for (int i = 0; i < count; ++i) out += "\"k" + std::to_string(i) + "\":0,";
  return out.append(last).append("}");
}

CAF_TEST(what RFC 8259 allows is accepted) {
  const std::string rows[] = {
      "null",
      " true ",
      "\t\r\nfalse",
      R"("")",
      "0",
      "-0",
      "-0.0e-0",
      "1.10",
      "12345678901234567890",
      "-98765432109876543210987654321098765432109876543210",
      "0.1000000000000000055511151231257827021181583404541015625",
      "3.14159265358979323846264338327950288419716939937510582097494459230781640628620899e+10",
      "1e400",
      "1E+400",
      "-1e-400",
      "1e2147483647",
      "1e99999",
      "1e-99999999999",
      "1e99999999999999999999999999999999999999999999999",
      "[1.5e+99999999999,-2E-99999999999,0]",
      R"({"e":1e99999999999,"s":"1e99999999999\\\"1e99999999999"})",
      "[]",
      "{}",
      " [ 1 , [ ] , { } , \"a\" , null ] ",
      R"({"":"","a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]})",
      R"("\"\\\/\b\f\n\r\t\u0000\u001f\u00e9\uD834\uDD1E\uffff")",
      "\"\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"
      "\"",
      "\"\xe2\x80\xa8\xe2\x80\xa9\"",
      repeat("[", 64) + repeat("]", 64),
      repeat(R"({"a":)", 63) + "[]" + repeat("}", 63),
      object_of(1'000, R"("k":0)"),
  };
  for (const auto& text : rows) {
    CAF_MESSAGE(text.substr(0, 60));
    CAF_CHECK_EQUAL(outcome_of(json::validate(text)), "ok");
  }
}

CAF_TEST(everything else is refused with its place) {
  struct row {
    std::string text;
    std::string error;
  };
  const row rows[] = {
      {"", "body: the JSON ends too early at byte 0"},
      {"  ", "body: the JSON ends too early at byte 2"},
      {"nul", "body: the JSON ends too early at byte 3"},
      {"NULL", "body: malformed JSON at byte 0, unexpected 'N'"},
      {"NaN", "body: malformed JSON at byte 0, unexpected 'N'"},
      {"Infinity", "body: malformed JSON at byte 0, unexpected 'I'"},
      {"'a'", "body: malformed JSON at byte 0, unexpected '''"},
      {"\xef\xbb\xbf{}", "body: malformed JSON at byte 0, unexpected a non-ASCII character"},
      // Numbers
      {"+1", "body: malformed JSON at byte 0, unexpected '+'"},
      {"-", "body: the JSON ends too early at byte 1"},
      {"01", "body: there is more behind the end of the JSON at byte 1"},
      {".5", "body: malformed JSON at byte 0, unexpected '.'"},
      {"[1.]", "[0]: malformed JSON at byte 3, unexpected ']'"},
      {"[1e]", "[0]: malformed JSON at byte 3, unexpected ']'"},
      {"[1e+]", "[0]: malformed JSON at byte 4, unexpected ']'"},
      {"[0x1]", "[1]: malformed JSON at byte 2, unexpected 'x'"},
      {"[1e99999999999,]", "[1]: malformed JSON at byte 15, unexpected ']'"},
      {"[1.00000000000000000000000000001.5]", "[1]: malformed JSON at byte 32, unexpected '.'"},
      // Structure
      {"[", "[0]: the JSON ends too early at byte 1"},
      {"[1", "[1]: the JSON ends too early at byte 2"},
      {"[1,]", "[1]: malformed JSON at byte 3, unexpected ']'"},
      {"[1 2]", "[1]: malformed JSON at byte 3, unexpected '2'"},
      {"[1}", "[1]: malformed JSON at byte 2, unexpected '}'"},
      {"]", "body: malformed JSON at byte 0, unexpected ']'"},
      {"{", "body: the JSON ends too early at byte 1"},
      {"{a:1}", "body: malformed JSON at byte 1, unexpected 'a'"},
      {"{1:1}", "body: malformed JSON at byte 1, unexpected '1'"},
      {R"({"a")", "a: the JSON ends too early at byte 4"},
      {R"({"a" 1})", "a: malformed JSON at byte 5, unexpected '1'"},
      {R"({"a":})", "a: malformed JSON at byte 5, unexpected '}'"},
      {R"({"a":1,})", "body: malformed JSON at byte 7, unexpected '}'"},
      {R"({"a":1 "b":2})", "body: malformed JSON at byte 7, unexpected '\"'"},
      {R"({"a":{"b":[1,{"c":tru}]}})", "a.b[1].c: malformed JSON at byte 18, unexpected 't'"},
      {"{} {}", "body: there is more behind the end of the JSON at byte 3"},
      {"1,2", "body: there is more behind the end of the JSON at byte 1"},
      {"[1] // one", "body: there is more behind the end of the JSON at byte 4"},
      {"[/**/1]", "[0]: malformed JSON at byte 1, unexpected '/'"},
      {std::string{"[1]\0", 4}, "body: there is more behind the end of the JSON at byte 3"},
      // Strings
      {R"("a)", "body: the JSON ends too early at byte 2"},
      {R"("a\)", "body: the JSON ends too early at byte 3"},
      {R"("\x41")", "body: malformed JSON at byte 2, unexpected 'x'"},
      {R"("\u12")", "body: four hex digits must follow \\u at byte 5"},
      {R"({"k":"\u00g0"})", "k: four hex digits must follow \\u at byte 10"},
      {"{\"k\":\"a\nb\"}", "k: unescaped control character at byte 7"},
      {std::string{"[\"\0\"]", 5}, "[0]: unescaped control character at byte 2"},
      {R"(["\udc00"])", "[0]: half of a surrogate pair at byte 8"},
      {R"(["\ud800\u0041       "])", "[0]: half of a surrogate pair at byte 10"},
      {R"(["\ud800       "])", "[0]: malformed JSON at byte 8, unexpected ' '"},
      // UTF-8
      {"\"\x80\"", "body: invalid UTF-8 at byte 1"},
      {"\"a\xff\"", "body: invalid UTF-8 at byte 2"},
      {"\"\xc0\xaf\"", "body: invalid UTF-8 at byte 1"},
      {"\"\xc1\xbf\"", "body: invalid UTF-8 at byte 1"},
      {"\"\xe0\x9f\xbf\"", "body: invalid UTF-8 at byte 1"},
      {"\"\xed\xa0\x80\"", "body: invalid UTF-8 at byte 1"},
      {"\"\xf0\x8f\xbf\xbf\"", "body: invalid UTF-8 at byte 1"},
      {"\"\xf4\x90\x80\x80\"", "body: invalid UTF-8 at byte 1"},
      {"\"\xf5\x80\x80\x80\"", "body: invalid UTF-8 at byte 1"},
      {"\"\xe2\x82\"", "body: invalid UTF-8 at byte 1"},
      {"\"\xe2\x82", "body: invalid UTF-8 at byte 1"},
      {"\"\xc3\xa9\xc3", "body: invalid UTF-8 at byte 3"},
      {"{\"text\":\"\xc3\xa9\xc3(\"}", "text: invalid UTF-8 at byte 11"},
      {"{\"\xff\":1}", "body: invalid UTF-8 at byte 2"},
      // Depth
      {repeat("[", 65) + repeat("]", 65), "[0][0]: nesting deeper than 64"},
      {R"({"events":[)" + repeat(R"({"a":)", 63) + "1" + repeat("}", 63) + "]}",
       "events[0]: nesting deeper than 64"},
      {repeat("[", 100'000), "[0][0]: nesting deeper than 64"},
      // The path stays readable
      {R"({"a b":{"":[x]}})", R"(["a b"][""][0]: malformed JSON at byte 12, unexpected 'x')"},
      {repeat(R"({"a":)", 20) + "x", repeat("a.", 15) + "a…: malformed JSON at byte 100, unexpected 'x'"},
      {R"({")" + std::string(70, 'k') + R"(":x})",
       R"([")" + std::string(64, 'k') + R"(…"]: malformed JSON at byte 74, unexpected 'x')"},
      {R"({"\n":x})", R"(["\n"]: malformed JSON at byte 6, unexpected 'x')"},
  };
  for (const auto& [text, error] : rows) {
    CAF_MESSAGE(text.substr(0, 60));
    CAF_CHECK_EQUAL(outcome_of(json::validate(text)), "invalid: " + error);
  }
}

CAF_TEST(duplicate keys are refused) {
  struct row {
    std::string text;
    std::string error;
  };
  const row rows[] = {
      {R"({"a":1,"a":1})", R"(body: duplicate key "a")"},
      {R"({"":1,"":1})", R"(body: duplicate key "")"},
      {R"({"a":1,"\u0061":1})", R"(body: duplicate key "a")"},
      {R"({"\u0061":1,"a":1})", R"(body: duplicate key "a")"},
      {R"({"\/":1,"/":1})", R"(body: duplicate key "/")"},
      {R"({"x\u0000y":1,"x\u0000y":1})", R"(body: duplicate key "x\u0000y")"},
      {"{\"\xc3\xa9\":1,\"\\u00e9\":1}", "body: duplicate key \"\xc3\xa9\""},
      {R"({"\ud83d\ude00":1,"\uD83D\uDE00":1})", "body: duplicate key \"\xf0\x9f\x98\x80\""},
      {R"({"events":[{},{"content":{"text":1,"b":[],"text":2}}]})",
       R"(events[1].content: duplicate key "text")"},
      {R"([{"a":{"b":1},"b":2},{"a":1,"b":2,"a":3}])", R"([1]: duplicate key "a")"},
      // Around the bound between small and large objects, and far beyond it.
      {object_of(15, R"("k0":0)"), R"(body: duplicate key "k0")"},
      {object_of(16, R"("k0":0)"), R"(body: duplicate key "k0")"},
      {object_of(17, R"("k16":0)"), R"(body: duplicate key "k16")"},
      {object_of(17, R"("\u006b16":0)"), R"(body: duplicate key "k16")"},
      {R"({"o":)" + object_of(1'000, R"("k500":0)") + "}", R"(o: duplicate key "k500")"},
  };
  for (const auto& [text, error] : rows) {
    CAF_MESSAGE(text.substr(0, 60));
    CAF_CHECK_EQUAL(outcome_of(json::validate(text)), "invalid: " + error);
  }
  // The same keys in different objects are no duplicates, wherever those stand.
  const std::string many = object_of(20, R"("o":{"k0":1,"k1":2})");
  CAF_CHECK_EQUAL(outcome_of(json::validate("[" + many + "," + many + R"(,{"k0":)" + many + "}]")), "ok");
}

CAF_TEST(messages begin with the given path) {
  CAF_CHECK_EQUAL(outcome_of(json::validate("{", "line 3")),
                  "invalid: line 3: the JSON ends too early at byte 1");
  CAF_CHECK_EQUAL(outcome_of(json::validate(R"([{"a":x}])", "initial_events")),
                  "invalid: initial_events[0].a: malformed JSON at byte 6, unexpected 'x'");
}

CAF_TEST(every text cut short is refused) {
  const std::string whole = "{\"a\":[1.5e3,\"\\ud834\\udd1e\xc3\xa9\",{\"b\":null}],\"c\":true}";
  CAF_REQUIRE_EQUAL(outcome_of(json::validate(whole)), "ok");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto text = whole.substr(0, size);
    if (json::validate(text)) CAF_FAIL("accepted: " << text);
  }
}

CAF_TEST(many keys do not take forever) {
  // Quadratic work would be 10^10 comparisons: the suite's time limit would end it.
  std::string text = "{";
  for (int i = 0; i < 200'000; ++i) text += "\"" + std::to_string(i) + "\":0,";
  CAF_CHECK_EQUAL(outcome_of(json::validate(text + "\"x\":0}")), "ok");
  CAF_CHECK_EQUAL(outcome_of(json::validate(text + "\"77777\":0}")),
                  R"(invalid: body: duplicate key "77777")");
}

}  // namespace
