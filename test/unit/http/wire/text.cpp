// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE text
#include "http/wire/text.hpp"

#include "test/unit/support/test.hpp"

using namespace sandbase;

namespace {

using strings = std::vector<std::string>;

strings parts(std::string_view text, char separator = ',') {
  strings out;
  for (const auto part : split(text, separator)) out.emplace_back(part);
  return out;
}

// By value: the framework's macros keep references, which would outlive the temporaries here.
std::uint64_t number(std::string_view text) {
  const auto n = parse_number(text);
  if (!n) CAF_FAIL("not a number: " << text);
  return *n;
}
std::string from_base64url(std::string_view text) { return parse_base64url(text).value_or("(refused)"); }

std::string decoded(std::string_view text, bool plus_is_space = false) {
  return percent_decode(text, plus_is_space).value_or("(broken)");
}

}  // namespace

CAF_TEST(names are equal whatever the case of their letters) {
  CAF_CHECK(iequals("", ""));
  CAF_CHECK(iequals("Last-Event-ID", "last-event-id"));
  CAF_CHECK(!iequals("a", "ab"));
  CAF_CHECK(!iequals("[", "{"));  // differ in the bit that tells cases
  CAF_CHECK(!iequals("\xc3\x84", "\xc3\xa4"));
  CAF_CHECK_EQUAL(to_lower("AZaz09-[\xc3\x84"), "azaz09-[\xc3\x84");
}

CAF_TEST(names of headers have no spaces or brackets) {
  std::string good;
  for (int c = 0; c < 256; ++c)
    if (is_token_char(static_cast<char>(c))) good.push_back(static_cast<char>(c));
  CAF_CHECK_EQUAL(good, "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~");
}

CAF_TEST(only spaces and tabs are trimmed) {
  CAF_CHECK_EQUAL(std::string{trim(" \t a b\t ")}, "a b");
  CAF_CHECK_EQUAL(std::string{trim("a")}, "a");
  CAF_CHECK_EQUAL(std::string{trim(" \t ")}, "");
  CAF_CHECK_EQUAL(std::string{trim("\na\r")}, "\na\r");
}

CAF_TEST(a list is split and its empty parts are left out) {
  CAF_CHECK((parts("a,b") == strings{"a", "b"}));
  CAF_CHECK((parts(" a ,\tb c ,, ,d,") == strings{"a", "b c", "d"}));
  CAF_CHECK((parts("a,b", ';') == strings{"a,b"}));
  CAF_CHECK(parts("").empty());
  CAF_CHECK(parts(",").empty());
}

CAF_TEST(numbers are digits that fit) {
  CAF_CHECK_EQUAL(number("0"), 0u);
  CAF_CHECK_EQUAL(number("007"), 7u);
  CAF_CHECK_EQUAL(number("18446744073709551615"), 18446744073709551615u);
  for (const auto* bad : {"", "18446744073709551616", "-1", "+1", " 1", "1 ", "1.0", "0x1", "1e3", "one"})
    CAF_CHECK(!parse_number(bad));
}

CAF_TEST(escapes are decoded or refused whole) {
  CAF_CHECK_EQUAL(decoded("a%20b"), "a b");
  CAF_CHECK_EQUAL(decoded("%e2%80%A8"), "\xe2\x80\xa8");
  CAF_CHECK_EQUAL(decoded("%00"), std::string(1, '\0'));
  CAF_CHECK_EQUAL(decoded("%2525"), "%25");  // once
  CAF_CHECK_EQUAL(decoded("a+b"), "a+b");
  CAF_CHECK_EQUAL(decoded("a+b%2B", true), "a b+");
  for (const auto* bad : {"%", "%2", "a%", "%g0", "%0g", "%-1", "100%"})
    CAF_CHECK_EQUAL(decoded(bad), "(broken)");
}

// RFC 4648, section 10, without the padding.
CAF_TEST(base64url has no padding) {
  CAF_CHECK_EQUAL(base64url(""), "");
  CAF_CHECK_EQUAL(base64url("f"), "Zg");
  CAF_CHECK_EQUAL(base64url("fo"), "Zm8");
  CAF_CHECK_EQUAL(base64url("foo"), "Zm9v");
  CAF_CHECK_EQUAL(base64url("foobar"), "Zm9vYmFy");
  CAF_CHECK_EQUAL(base64url("\xfb\xff"), "-_8");
}

CAF_TEST(base64url comes back as it was) {
  std::string bytes;
  for (int c = 0; c < 256; ++c) {
    bytes.push_back(static_cast<char>(c));
    CAF_CHECK_EQUAL(from_base64url(base64url(bytes)), bytes);
  }
}

CAF_TEST(base64url of another spelling is refused) {
  CAF_CHECK_EQUAL(from_base64url("Zg"), "f");
  for (const auto* bad : {"Zh", "Zg==", "Z", "Zm9v\n", "Zm 9v", "+/8", "Zm9vY", "\xc3\xa4"})
    CAF_CHECK(!parse_base64url(bad));
}
