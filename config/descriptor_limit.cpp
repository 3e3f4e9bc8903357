// SPDX-License-Identifier: Apache-2.0
#include "config/descriptor_limit.hpp"

#include <cerrno>
#include <cstring>
#include <sys/resource.h>

namespace sandbase {

result<std::size_t> raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return {errc::internal, std::strerror(errno)};
  if (limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return {errc::internal, std::strerror(errno)};
  }
  return static_cast<std::size_t>(limit.rlim_cur);
}

}  // namespace sandbase
