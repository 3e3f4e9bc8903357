// SPDX-License-Identifier: Apache-2.0
#include "events/base/fingerprint.hpp"

#define XXH_STATIC_LINKING_ONLY  // for XXH3_generateSecret
#include <xxhash.h>

#include <array>
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

void fingerprints::add(std::string_view text) { add(fingerprint_of(text)); }

void fingerprints::add(const fingerprint& part) {
  const std::array words{part.low, part.high};
  parts_.append(reinterpret_cast<const char*>(words.data()), sizeof words);
}

fingerprint fingerprints::all() const { return fingerprint_of(parts_); }

}  // namespace sandbase
