// SPDX-License-Identifier: Apache-2.0
// One of the machines that the service runs on.
#pragma once

#include "test/simulation/service_life.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

namespace sandbase::sim {

struct server {
  std::size_t number = 0;
  /// Of its wall clock, against what the run's says.
  std::chrono::milliseconds clock_ahead{0};
  /// Null between two lives.
  std::unique_ptr<service_life> life{};
  std::chrono::milliseconds down_until{0};
  /// Of an orderly restart.
  std::chrono::milliseconds next_stop_step{0};
};

using fleet = std::vector<server>;

}  // namespace sandbase::sim
