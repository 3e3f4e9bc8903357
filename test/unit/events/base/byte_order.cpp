// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE byte_order
#include "events/base/byte_order.hpp"

#include "events/base/hex.hpp"
#include "test/unit/support/test.hpp"

#include <cstdint>
#include <limits>

using namespace sandbase;

namespace {

constexpr auto big = byte_order::big;
constexpr auto little = byte_order::little;

template <byte_order Order, class T>
std::string hex_of(T value) {
  std::string out;
  append_number<Order>(out, value);
  return to_hex(out);
}

CAF_TEST(numbers stand in the order that is asked for) {
  CAF_CHECK_EQUAL(hex_of<big>(std::uint8_t{0x12}), "12");
  CAF_CHECK_EQUAL(hex_of<little>(std::uint16_t{0x1234}), "3412");
  CAF_CHECK_EQUAL(hex_of<big>(std::uint32_t{0x12345678}), "12345678");
  CAF_CHECK_EQUAL(hex_of<little>(std::uint32_t{0x12345678}), "78563412");
  CAF_CHECK_EQUAL(hex_of<big>(std::int64_t{-2}), "fffffffffffffffe");
  CAF_CHECK_EQUAL(hex_of<little>(std::int64_t{-2}), "feffffffffffffff");
}

template <byte_order Order, class T>
void check_comes_back() {
  for (const T value : {std::numeric_limits<T>::min(), T{0}, T{1}, T{100}, std::numeric_limits<T>::max()}) {
    std::string out = "x";  // so that nothing is aligned
    append_number<Order>(out, value);
    append_number<Order>(out, T{7});
    auto rest = std::string_view{out}.substr(1);
    CAF_CHECK((load_number<Order, T>(rest) == value));
    CAF_CHECK((take_number<Order, T>(rest) == value));
    CAF_CHECK((take_number<Order, T>(rest) == T{7}));
    CAF_CHECK(rest.empty());
  }
}

CAF_TEST(numbers come back) {
  check_comes_back<big, std::int64_t>();
  check_comes_back<little, std::int64_t>();
  check_comes_back<big, std::uint64_t>();
  check_comes_back<little, std::uint16_t>();
  check_comes_back<little, std::uint8_t>();
}

CAF_TEST(a number of an odd size is read) {
  CAF_CHECK((load_number<big, std::uint64_t, 5>({"\x01\x02\x03\x04\xff\x77", 6}) == 0x01020304ff));
}

}  // namespace
