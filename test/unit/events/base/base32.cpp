// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE base32
#include "events/base/base32.hpp"

#include "test/unit/support/test.hpp"

using namespace sandbase;

namespace {

std::string base32(std::uint64_t bits, std::size_t digits, base32_case letters = base32_case::upper) {
  std::string out = "_";
  append_base32(out, bits, digits, letters);
  return out.substr(1);
}

CAF_TEST(the highest digit stands first) {
  CAF_CHECK_EQUAL(base32(0, 2), "00");
  CAF_CHECK_EQUAL(base32(31, 1), "Z");
  CAF_CHECK_EQUAL(base32(32, 2), "10");
  CAF_CHECK_EQUAL(base32(1234, 3), "16J");
  CAF_CHECK_EQUAL(base32(1234, 3, base32_case::lower), "16j");
  // The time of the ULID that its specification shows.
  CAF_CHECK_EQUAL(base32(1'469'918'176'385, 10), "01ARYZ6S41");
}

CAF_TEST(what does not fit is left out) {
  CAF_CHECK_EQUAL(base32(0x3ff, 1), "Z");
  CAF_CHECK_EQUAL(base32(~std::uint64_t{0}, 12), "ZZZZZZZZZZZZ");
  CAF_CHECK_EQUAL(base32(7, 0), "");
}

CAF_TEST(every digit comes back in its own case only) {
  for (std::uint64_t value = 0; value < 32; ++value) {
    for (const auto letters : {base32_case::upper, base32_case::lower}) {
      const char digit = base32(value, 1, letters).front();
      CAF_CHECK_EQUAL(base32_value(digit, letters), static_cast<int>(value));
      const auto other = letters == base32_case::upper ? base32_case::lower : base32_case::upper;
      CAF_CHECK_EQUAL(base32_value(digit, other), value < 10 ? static_cast<int>(value) : -1);
    }
  }
  for (const char c : {'I', 'L', 'O', 'U', 'i', 'l', 'o', 'u', ' ', '-', '\0', '\xff'}) {
    CAF_CHECK_EQUAL(base32_value(c), -1);
    CAF_CHECK_EQUAL(base32_value(c, base32_case::lower), -1);
  }
}

}  // namespace
