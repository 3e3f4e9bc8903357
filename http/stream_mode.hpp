// What a stream request without `follow` gets.
#pragma once

#include <cstdint>

namespace sandbase {

enum class stream_mode : std::uint8_t {
  replay,  ///< the log, then the end
  follow,  ///< the log, then what happens
  live,    ///< what happens
};

}  // namespace sandbase
