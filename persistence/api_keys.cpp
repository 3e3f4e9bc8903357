// SPDX-License-Identifier: Apache-2.0
#include "persistence/api_keys.hpp"

#include "events/base/base32.hpp"
#include "events/base/byte_order.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fmt/core.h>
#include <sys/random.h>

namespace sandbase {

namespace {

constexpr std::size_t secret_bytes = api_key_digits * 5 / 8;

bool fill_random(std::array<char, secret_bytes>& bytes) {
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
  std::array<char, secret_bytes> bytes{};
  if (!fill_random(bytes))
    return {errc::internal, fmt::format("the system gives no random bits: {}", std::strerror(errno))};
  std::string key{api_key_prefix};
  constexpr std::size_t group = 5;  // bytes, as long as 8 digits
  for (std::string_view rest{bytes.data(), bytes.size()}; !rest.empty(); rest.remove_prefix(group))
    append_base32(key, load_number<byte_order::big, std::uint64_t, group>(rest), 8, base32_case::lower);
  return key;
}

bool is_api_key(std::string_view text) {
  if (text.size() != api_key_prefix.size() + api_key_digits || !text.starts_with(api_key_prefix))
    return false;
  text.remove_prefix(api_key_prefix.size());
  return std::ranges::all_of(text, [](char c) { return base32_value(c, base32_case::lower) >= 0; });
}

digest hash_api_key(std::string_view secret) { return sha256(secret); }

std::string api_key_hint(std::string_view secret) {
  return std::string{secret.substr(secret.size() - std::min<std::size_t>(secret.size(), 4))};
}

}  // namespace sandbase
