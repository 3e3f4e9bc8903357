// SPDX-License-Identifier: Apache-2.0
#include "test/unit/actors/support/service_fixture.hpp"

namespace sandbase::test {

service_fixture::service_fixture(const std::filesystem::path& parent) : service_bench(sys, parent) {}
service_fixture::~service_fixture() = default;

}  // namespace sandbase::test
