// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE ascii
#include "events/base/ascii.hpp"

#include "test/unit/support/test.hpp"

using namespace sandbase;

namespace {

constexpr std::string_view digits = "0123456789";
constexpr std::string_view small = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view large = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

CAF_TEST(every byte is in its class) {
  for (int code = 0; code < 256; ++code) {
    const char c = static_cast<char>(code);
    const auto in = [c](std::string_view set) { return set.find(c) != std::string_view::npos; };
    CAF_CHECK_EQUAL(is_digit(c), in(digits));
    CAF_CHECK_EQUAL(is_letter(c), in(small) || in(large));
    CAF_CHECK_EQUAL(is_letter_or_digit(c), in(digits) || in(small) || in(large));
    CAF_CHECK_EQUAL(is_control(c), code < 32 || code == 127);
    CAF_CHECK_EQUAL(lower_case(c), in(large) ? small[large.find(c)] : c);
  }
}

}  // namespace
