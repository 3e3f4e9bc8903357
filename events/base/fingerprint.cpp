// SPDX-License-Identifier: Apache-2.0
#include "events/base/fingerprint.hpp"

#include "events/base/hex.hpp"

#define XXH_STATIC_LINKING_ONLY  // for XXH3_generateSecret
#include <xxhash.h>

#include <array>
#include <fmt/core.h>
#include <random>

namespace sandbase {

namespace {

using secret = std::array<unsigned char, XXH3_SECRET_DEFAULT_SIZE>;

secret draw_secret() {
  std::random_device device;
  std::array<unsigned, 16> seed{};
  for (auto& part : seed) part = device();
  secret drawn;
  XXH3_generateSecret(drawn.data(), drawn.size(), seed.data(), sizeof seed);
  return drawn;
}

}  // namespace

fingerprint fingerprint_of(std::string_view text) {
  static const secret ours = draw_secret();
  const auto hash = XXH3_128bits_withSecret(text.data(), text.size(), ours.data(), ours.size());
  return {hash.low64, hash.high64};
}

fingerprint lasting_fingerprint_of(std::string_view text, std::uint64_t kind) {
  const auto hash = XXH3_128bits_withSeed(text.data(), text.size(), kind);
  return {hash.low64, hash.high64};
}

std::string to_text(const fingerprint& f) { return fmt::format("{:016x}{:016x}", f.high, f.low); }

std::optional<fingerprint> read_fingerprint(std::string_view text) {
  if (text.size() != 32) return std::nullopt;
  fingerprint f;
  for (const char c : text) {
    const int digit = hex_value(c);
    if (digit < 0) return std::nullopt;
    f.high = f.high << 4 | f.low >> 60;
    f.low = f.low << 4 | static_cast<std::uint64_t>(digit);
  }
  return f;
}

void fingerprints::add(std::string_view text) { add(fingerprint_of(text)); }

void fingerprints::add(const fingerprint& part) {
  const std::array words{part.low, part.high};
  parts_.append(reinterpret_cast<const char*>(words.data()), sizeof words);
}

fingerprint fingerprints::all() const { return fingerprint_of(parts_); }

}  // namespace sandbase
