// SPDX-License-Identifier: Apache-2.0
// How many file descriptors this process may have.
#pragma once

#include "events/base/result.hpp"

#include <cstddef>

namespace sandbase {

/// Raises the soft limit to the hard one (getrlimit(2), RLIMIT_NOFILE): the soft one of most systems is
/// 1,024, for the sake of programs that use select(), and each connection takes one. Any thread.
/// @returns the limit that holds from now on; a failure is `internal` and says what the kernel said
result<std::size_t> raise_descriptor_limit();

}  // namespace sandbase
