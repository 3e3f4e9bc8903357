// SPDX-License-Identifier: Apache-2.0
// How large a session is: what the directory finds the largest by without asking them all.
#pragma once

#include <atomic>
#include <cstdint>

namespace sandbase {

/// Written by the session's actor, read by the directory and by who looks for ends: no more than a hint.
struct session_sizes {
  std::atomic<std::int64_t> events{0};
  std::atomic<std::int64_t> unsealed_bytes{0};
  /// Streams that follow it.
  std::atomic<std::int64_t> followers{0};
};

}  // namespace sandbase
