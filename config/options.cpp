// SPDX-License-Identifier: Apache-2.0
#include "config/options.hpp"

#include <algorithm>
#include <thread>

namespace sandbase {

namespace {

std::size_t cores() { return std::max(1U, std::thread::hardware_concurrency()); }

}  // namespace

std::size_t server_options::io_threads() const {
  constexpr std::size_t most = 4;
  return http_threads != 0 ? http_threads : std::min(cores(), most);
}

std::size_t server_options::workers() const { return actors_threads != 0 ? actors_threads : cores(); }

}  // namespace sandbase
