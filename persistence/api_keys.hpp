// SPDX-License-Identifier: Apache-2.0
// API keys: how they are made and what of them is kept.
#pragma once

#include "events/base/result.hpp"
#include "events/log/hash_chain.hpp"

#include <string>
#include <string_view>

namespace sandbase {

inline constexpr std::string_view api_key_prefix = "sk-sb-";
/// Characters behind the prefix: 160 bits, 5 a character.
inline constexpr std::size_t api_key_digits = 32;

/// A new secret: the prefix and 160 bits from the operating system's generator, as lower-case Crockford
/// base32. `internal` if the system gives no random bits.
result<std::string> make_api_key();

/// Whether `text` looks like a key: saves a look-up, proves nothing.
bool is_api_key(std::string_view text);

/// What the store keeps instead of the secret: its SHA-256. No salt and
/// no stretching: 160 random bits cannot be guessed.
digest hash_api_key(std::string_view secret);

/// The last four characters, to tell keys apart in a list.
std::string api_key_hint(std::string_view secret);

}  // namespace sandbase
