// SPDX-License-Identifier: Apache-2.0
// The actors of the service as tests of actors/ use them.
#pragma once

#include "test/unit/actors/support/service_bench.hpp"
// The framework's header comes first.
#include "actors/node/system_config.hpp"

namespace sandbase::test {

class service_fixture : public test_coordinator_fixture<system_config>, public service_bench {
 public:
  using service_bench::run;

  explicit service_fixture(const std::filesystem::path& parent = std::filesystem::temp_directory_path());
  ~service_fixture();
};

}  // namespace sandbase::test
