// SPDX-License-Identifier: Apache-2.0
#include "events/base/base32.hpp"

#include <array>
#include <string_view>

namespace sandbase {

namespace {

// By base32_case.
constexpr std::array<std::string_view, 2> alphabets{"0123456789ABCDEFGHJKMNPQRSTVWXYZ",
                                                    "0123456789abcdefghjkmnpqrstvwxyz"};

using value_table = std::array<std::int8_t, 256>;

constexpr value_table values_in(std::string_view alphabet) {
  value_table values{};
  values.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  return values;
}
constexpr std::array<value_table, 2> values{values_in(alphabets[0]), values_in(alphabets[1])};

}  // namespace

void append_base32(std::string& out, std::uint64_t bits, std::size_t digits, base32_case letters) {
  const auto alphabet = alphabets[static_cast<std::size_t>(letters)];
  for (auto shift = 5 * digits; shift != 0; shift -= 5) out += alphabet[(bits >> (shift - 5)) & 31];
}

int base32_value(char c, base32_case letters) {
  return values[static_cast<std::size_t>(letters)][static_cast<unsigned char>(c)];
}

}  // namespace sandbase
