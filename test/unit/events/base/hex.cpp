// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE hex
#include "events/base/hex.hpp"

#include "test/unit/support/test.hpp"

using namespace sandbase;

namespace {

CAF_TEST(hex of any bytes) {
  CAF_CHECK_EQUAL(to_hex({"\x00\x0f\xf0\xff", 4}), "000ff0ff");
  CAF_CHECK_EQUAL(to_hex(""), "");
}

CAF_TEST(every byte comes back) {
  std::string bytes;
  for (int c = 0; c < 256; ++c) bytes += static_cast<char>(c);
  CAF_CHECK(parse_hex(to_hex(bytes)) == bytes);
  CAF_CHECK(parse_hex("") == "");
}

CAF_TEST(other texts are refused) {
  for (const std::string_view bad : {"0", "abc", "0g", "g0", "0A", "A0", " 0", "0x", "-1", "00 "}) {
    CAF_MESSAGE(bad);
    CAF_CHECK(!parse_hex(bad));
  }
}

CAF_TEST(a digit has its value in either case) {
  const std::string_view lower = "0123456789abcdef";
  const std::string_view upper = "0123456789ABCDEF";
  for (int c = 0; c < 256; ++c) {
    const char digit = static_cast<char>(c);
    const auto place = std::min(lower.find(digit), upper.find(digit));
    CAF_CHECK_EQUAL(hex_value(digit), place == std::string_view::npos ? -1 : static_cast<int>(place));
  }
}

}  // namespace
