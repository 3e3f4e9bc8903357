// SPDX-License-Identifier: Apache-2.0
#include "config/options.hpp"

#include <algorithm>
#include <thread>

namespace sandbase {

std::size_t server_options::io_threads() const {
  constexpr std::size_t most = 4;
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  return http_threads != 0 ? http_threads : std::min(cores, most);
}

}  // namespace sandbase
