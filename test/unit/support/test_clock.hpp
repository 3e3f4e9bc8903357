// SPDX-License-Identifier: Apache-2.0
// The wall clock of unit tests: stands still unless a test moves it.
#pragma once

#include "events/base/timestamp.hpp"

namespace sandbase::test {

inline constexpr timestamp test_time{std::chrono::milliseconds{1'780'000'000'000}};
inline timestamp test_now = test_time;
inline timestamp now_for_tests() { return test_now; }

}  // namespace sandbase::test
