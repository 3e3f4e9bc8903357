// SPDX-License-Identifier: Apache-2.0
// How long a client waits before it tries again.
#pragma once

#include <chrono>
#include <cstddef>

namespace sandbase {

inline constexpr std::chrono::milliseconds longest_backoff = std::chrono::seconds{30};

/// `first`, then twice as long each time, at most longest_backoff.
std::chrono::milliseconds doubled(std::chrono::milliseconds first, std::size_t times);
/// Up to a quarter longer by `share` (0 to 1), so that not all clients come at once.
std::chrono::milliseconds spread(std::chrono::milliseconds delay, double share);
/// A random one.
double random_share();

}  // namespace sandbase
