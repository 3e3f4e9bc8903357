// SPDX-License-Identifier: Apache-2.0
// CAF's test framework without its main(): the fixtures of unit tests serve here too.
#define CAF_SUITE fuzz
#define CAF_TEST_NO_MAIN
#include <caf/test/unit_test_impl.hpp>
