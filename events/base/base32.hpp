// SPDX-License-Identifier: Apache-2.0
// Crockford's base 32 (crockford.com/base32): digits and letters without I, L, O and U, 5 bits each. Ids are
// upper case, API keys lower case; neither is read in the other's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace sandbase {

enum class base32_case : bool { upper, lower };

/// The lowest 5 × `digits` bits of `bits`, highest digit first.
void append_base32(std::string& out, std::uint64_t bits, std::size_t digits,
                   base32_case letters = base32_case::upper);

/// 0 to 31; -1 if `c` is no digit of this case.
int base32_value(char c, base32_case letters = base32_case::upper);

}  // namespace sandbase
