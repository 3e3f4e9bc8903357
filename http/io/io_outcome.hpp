// SPDX-License-Identifier: Apache-2.0
// What became of one read or write that was tried at once.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sandbase {

enum class io_state : std::uint8_t {
  /// Bytes were moved.
  done,
  /// The kernel has none to give or takes none now.
  blocked,
  /// The peer is gone, or the socket failed.
  closed,
};

struct io_outcome {
  io_state state = io_state::closed;
  std::size_t bytes = 0;
  /// With `closed`: not in order.
  bool broken = false;
};

}  // namespace sandbase
