// SPDX-License-Identifier: Apache-2.0
// What a stream request without `follow` gets.
#pragma once

#include <cstdint>

namespace sandbase {

enum class stream_mode : std::uint8_t {
  /// The log, then the end.
  replay,
  /// The log, then what happens.
  follow,
  /// What happens.
  live,
};

}  // namespace sandbase
