// SPDX-License-Identifier: Apache-2.0
#include "persistence/api_keys.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <sys/random.h>

namespace sandbase {

namespace {

constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";  // Crockford: no i, l, o, u
constexpr std::size_t secret_bytes = api_key_digits * 5 / 8;

bool fill_random(std::array<std::uint8_t, secret_bytes>& bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto n = ::getrandom(bytes.data() + done, bytes.size() - done, 0);
    if (n < 0 && errno != EINTR) return false;
    if (n > 0) done += static_cast<std::size_t>(n);
  }
  return true;
}

}  // namespace

result<std::string> make_api_key() {
  std::array<std::uint8_t, secret_bytes> bytes{};
  if (!fill_random(bytes))
    return {errc::internal, std::string{"the system gives no random bits: "} + std::strerror(errno)};
  std::string key{api_key_prefix};
  std::uint32_t pending = 0;
  int bits = 0;
  for (const auto byte : bytes) {
    pending = (pending << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) key += alphabet[(pending >> (bits - 5)) & 31];
  }
  return key;
}

bool is_api_key(std::string_view text) {
  if (text.size() != api_key_prefix.size() + api_key_digits || !text.starts_with(api_key_prefix))
    return false;
  text.remove_prefix(api_key_prefix.size());
  return std::ranges::all_of(text, [](char c) { return alphabet.find(c) != std::string_view::npos; });
}

digest hash_api_key(std::string_view secret) { return sha256(secret); }

std::string api_key_hint(std::string_view secret) {
  return std::string{secret.substr(secret.size() - std::min<std::size_t>(secret.size(), 4))};
}

}  // namespace sandbase
