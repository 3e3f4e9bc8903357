// SPDX-License-Identifier: Apache-2.0
#include "config/client/backoff.hpp"

#include "events/base/random_bytes.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace sandbase {

std::chrono::milliseconds doubled(std::chrono::milliseconds first, std::size_t times) {
  constexpr std::size_t last_doubling = 16;
  return std::min(first * (1 << std::min(times, last_doubling)), longest_backoff);
}

std::chrono::milliseconds spread(std::chrono::milliseconds delay, double share) {
  return delay +
         std::chrono::milliseconds{static_cast<std::int64_t>(share * static_cast<double>(delay.count()) / 4)};
}

double random_share() {
  std::array<std::uint8_t, 1> byte{};
  random_bytes(byte);
  return static_cast<double>(byte[0]) / 255;
}

}  // namespace sandbase
