// SPDX-License-Identifier: Apache-2.0
// Entry point of a unit-test binary.
#define CAF_SUITE main
#include <caf/test/unit_test_impl.hpp>
