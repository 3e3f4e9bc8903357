// SPDX-License-Identifier: Apache-2.0
// CAF's configuration for this service: its message types and a
// scheduler that suits many small actors on few cores.
#pragma once

#include <caf/actor_system_config.hpp>

namespace sandbase {

/// Reads neither command line nor caf-application.ini: our own options are the only ones.
class system_config : public caf::actor_system_config {
 public:
  /// `workers`: threads that run scheduled actors (sessions, directory); at least 1.
  explicit system_config(std::size_t workers = 2);
};

}  // namespace sandbase
